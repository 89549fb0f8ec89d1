using System.Runtime.InteropServices;
using System.Text;
using Dreamer.Environments.Mujoco;

namespace Dreamer.Environments.Tests.Mujoco;

public sealed unsafe class MujocoTests
{
    private const string Slider = """
        <mujoco>
          <option timestep="0.01" gravity="0 0 -10"/>
          <worldbody>
            <light name="lamp" directional="true" pos="0 0 3" dir="0 0 -1" diffuse="0.25 0.5 0.75"/>
            <light name="spot" pos="0 0 3"/>
            <camera name="side" pos="0 -2 1" xyaxes="1 0 0 0 0 1" fovy="45"/>
            <geom name="floor" type="plane" size="1 1 1"/>
            <body name="ball" pos="0 0 0.5">
              <joint name="fall" type="slide" axis="0 0 1"/>
              <geom name="shell" type="sphere" size="0.1" mass="1"/>
            </body>
          </worldbody>
        </mujoco>
        """;

    [Fact]
    public void The_installed_library_is_a_supported_one()
    {
        var library = MujocoLibrary.Load();
        Assert.Contains(library.Version, MujocoLayout.All.Keys);
        Assert.Same(library, MujocoLibrary.Load());
    }

    [Fact]
    public void Every_field_has_a_place_of_its_own_in_every_version()
    {
        Assert.Equal([222, 327, 337, 3012000], MujocoLayout.All.Keys.Order());
        Assert.All(MujocoLayout.All.Values, layout =>
        {
            Assert.Distinct(Enum.GetValues<ModelField>().Select(field => layout[field]));
            Assert.Distinct(Enum.GetValues<DataField>().Select(field => layout[field]));
            Assert.Equal(0, layout[ModelField.Nq]);
            Assert.True(layout[DataField.Qpos] > layout[DataField.Time]);
            Assert.True(layout.DisableActuation > 0 && layout[ObjectKind.Sensor] > layout[ObjectKind.Material]);
        });
    }

    [Theory]
    [InlineData(222, "2.2.2")]
    [InlineData(337, "3.3.7")]
    [InlineData(3012000, "3.12.0")]
    public void Versions_are_shown_as_people_write_them(int version, string expected) => Assert.Equal(expected, MujocoLayout.Display(version));

    [Fact]
    public void An_unknown_version_is_refused_with_those_that_are_known()
    {
        var error = Assert.Throws<MujocoException>(() => MujocoLayout.Of(316, "libmujoco.so"));
        Assert.StartsWith("libmujoco.so is MuJoCo 3.1.6; supported are 2.2.2, 3.2.7, 3.3.7, 3.12.0.", error.Message, StringComparison.Ordinal);
        Assert.Contains("env.mujoco", error.Message);
    }

    [Fact]
    public void A_body_falls_and_lands()
    {
        using var model = new MujocoModel(MujocoLibrary.Load(), Slider);
        using var data = new MujocoData(model);
        data.Step();
        Assert.Equal(-0.1, data.Velocity[0], 1e-12);
        Assert.Equal(0.01, data.Time);
        for (var step = 0; step < 200; step++)
        {
            data.Step();
        }

        Assert.Equal(1, data.ContactCount);
        Assert.Equal(0.1, data.BodyPosition[5], 0.01);
        data.Reset();
        data.Forward();
        Assert.Equal((0, 0.5), (data.Time, data.GeomPosition[5]));
    }

    [Fact]
    public void Cameras_and_lights_can_be_read()
    {
        using var model = new MujocoModel(MujocoLibrary.Load(), Slider);
        using var data = new MujocoData(model);
        data.Forward();
        Assert.Equal(45, model.CameraFieldOfView[0]);
        Assert.Equal([0, -2, 1], data.CameraPosition.ToArray());
        Assert.Equal([1, 0, 0, 0, 0, -1, 0, 1, 0], data.CameraRotation.ToArray(), (x, y) => Math.Abs(x - y) < 1e-12);
        Assert.Equal([true, false], new[] { model.IsDirectional(0), model.IsDirectional(1) });
        Assert.Equal([0.25f, 0.5f, 0.75f], model.LightDiffuse[..3].ToArray());
        Assert.Equal([0, 0, -1], data.LightDirection[..3].ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => model.IsDirectional(2));
    }

    [Fact]
    public void Names_are_found_or_named_as_missing()
    {
        using var model = new MujocoModel(MujocoLibrary.Load(), Slider);
        Assert.Equal((1, 0), (model.IdOf(ObjectKind.Body, "ball"), model.IdOf(ObjectKind.Geom, "floor")));
        Assert.Equal("The model has no joint 'ball'.", Assert.Throws<MujocoException>(() => model.IdOf(ObjectKind.Joint, "ball")).Message);
    }

    [Fact]
    public void A_bad_description_is_refused_in_MuJoCos_words()
    {
        var error = Assert.Throws<MujocoException>(() => new MujocoModel(MujocoLibrary.Load(), "<mujoco><worldbody><boddy/></worldbody></mujoco>"));
        Assert.Contains("boddy", error.Message);
    }

    [Fact]
    public void An_unstable_simulation_is_an_exception_once()
    {
        using var model = new MujocoModel(MujocoLibrary.Load(), Slider);
        using var data = new MujocoData(model);
        data.Position[0] = double.NaN;
        Assert.Contains("QPOS", Assert.Throws<MujocoException>(data.Step).Message);
        data.Reset();
        data.Step();
        Assert.False(File.Exists("MUJOCO_LOG.TXT"));
    }

    [Fact]
    public void A_fatal_error_is_an_exception_and_the_process_lives()
    {
        var library = MujocoLibrary.Load();
        using var model = new MujocoModel(library, Slider);
        using var data = new MujocoData(model);
        var handle = NativeLibrary.Load(LoadedPath());
        var fail = (delegate* unmanaged[Cdecl]<byte*, void>)NativeLibrary.GetExport(handle, "mju_error");
        fixed (byte* message = Encoding.UTF8.GetBytes("the stack is full\0"))
        {
            fail(message);
        }

        Assert.Equal("MuJoCo: the stack is full", Assert.Throws<MujocoException>(data.Forward).Message);
        data.Forward();
    }

    [Theory]
    [InlineData("/nowhere/libmujoco.so", "'/nowhere/libmujoco.so' cannot be loaded")]
    [InlineData("libc.so.6", "lacks the function mj_version")]
    public void A_library_that_is_none_is_named_with_the_remedy(string path, string expected)
    {
        var options = new EnvironmentOptions { Name = "dmc_walker_run", Mujoco = path };
        var error = Assert.Throws<MujocoException>(() => VectorEnvironment.Make(options, seed: 0, count: 1));
        Assert.Contains(expected, error.Message);
        Assert.Contains("Debian's package libmujoco2.2.2", error.Message);
        Assert.Contains("env.mujoco", error.Message);
        Assert.Equal(3, EnvironmentRegistry.SpecOf(options).Observations.Length);
    }

    [Fact]
    public void What_was_disposed_is_not_touched()
    {
        var model = new MujocoModel(MujocoLibrary.Load(), Slider);
        var data = new MujocoData(model);
        data.Dispose();
        data.Dispose();
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(data.Step);
        Assert.Throws<ObjectDisposedException>(() => model.BodyCount);
    }

    /// <summary>The file behind the library that is already loaded.</summary>
    private static string LoadedPath() => File.ReadLines("/proc/self/maps").First(line => line.Contains("libmujoco", StringComparison.Ordinal)).Split(' ')[^1];
}
