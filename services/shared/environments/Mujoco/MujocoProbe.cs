namespace Dreamer.Environments.Mujoco;

/// <summary>
/// Compiles and steps a model whose every number is known: a library built with other struct layouts than its version
/// says is refused before it can be misread.
/// </summary>
internal static class MujocoProbe
{
    private const double Step = 0.0125;

    private const string Mjcf = """
        <mujoco>
          <option timestep="0.0125" gravity="0 0 0"/>
          <worldbody>
            <camera name="eye" fovy="37"/>
            <body name="sled" pos="1 2 3">
              <joint name="slide" type="slide" axis="0 0 1" ref="0.25" damping="0.5" limited="true" range="-7 9"/>
              <geom type="box" size="0.1 0.2 0.3" mass="2" rgba="0.125 0.25 0.5 1"/>
              <site name="mark" size="0.75" pos="0 0 0.5"/>
            </body>
          </worldbody>
          <actuator>
            <motor joint="slide" gear="3" ctrllimited="true" ctrlrange="-0.5 0.75"/>
          </actuator>
          <sensor>
            <jointvel name="speed" joint="slide"/>
            <jointpos name="place" joint="slide"/>
          </sensor>
        </mujoco>
        """;

    /// <exception cref="MujocoException">Something reads otherwise than it was written.</exception>
    public static void Check(MujocoLibrary library, string name)
    {
        using var model = new MujocoModel(library, Mjcf);
        Require(
            (model.PositionCount, model.VelocityCount, model.ControlCount, model.BodyCount, model.GeomCount, model.SensorValueCount) == (1, 1, 1, 2, 1, 2),
            "sizes");
        Require(model.TimeStep == Step && !model.IsRungeKutta, "options");
        Require(model.InitialPosition[0] == 0.25 && model.JointKinds[0] == (int)JointKind.Slide && model.JointRange[1] == 9, "joints");
        Require(model.BodyPosition[4] == 2 && model.BodyMass[1] == 2 && model.DofDamping[0] == 0.5, "bodies");
        Require(model.GeomSize[2] == 0.3 && model.GeomColour[2] == 0.5f && model.SiteSize[0] == 0.75 && model.CameraFieldOfView[0] == 37, "shapes");
        Require(model.ControlRange[1] == 0.75 && model.ActuatorGear[0] == 3, "actuators");

        using var data = new MujocoData(model);
        data.Control[0] = 0.5;
        data.Step();
        data.Forward();
        Require(data.Time == Step && data.Velocity[0] > 0 && data.Position[0] > 0.25 && data.ContactCount == 0, "state");
        Require(data.BodyPosition[5] == 3 + (data.Position[0] - 0.25) && data.SitePosition[2] == data.BodyPosition[5] + 0.5, "poses");
        Require(data.SensorValues[model.SensorAddress[model.IdOf(ObjectKind.Sensor, "place")]] == data.Position[0], "sensors");

        void Require(bool asWritten, string what)
        {
            if (!asWritten)
            {
                throw new MujocoException(
                    $"{name} says it is MuJoCo {MujocoLayout.Display(library.Version)}, but its {what} lie elsewhere than in that release. Use a release's own build.");
            }
        }
    }
}
