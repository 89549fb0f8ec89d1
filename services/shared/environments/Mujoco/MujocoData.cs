using System.Runtime.CompilerServices;

namespace Dreamer.Environments.Mujoco;

/// <summary>
/// The state of one simulation (<c>mjData</c>) and what MuJoCo computed from it. Arrays are views of MuJoCo's memory, row
/// major, in world coordinates; they end with the data. Not thread safe.
/// </summary>
public sealed unsafe class MujocoData : IDisposable
{
    private readonly MujocoModel model;
    private readonly MujocoLibrary library;
    private readonly MujocoLayout layout;
    private nint pointer;

    /// <param name="model">Must outlive the data.</param>
    /// <exception cref="MujocoException">There is not enough memory.</exception>
    public MujocoData(MujocoModel model)
    {
        (this.model, library, layout) = (model, model.Library, model.Library.Layout);
        pointer = library.MakeData(model.Pointer);
        MujocoFaults.ThrowIfAny();
        if (pointer == 0)
        {
            throw new MujocoException("MuJoCo: the data of the model could not be allocated.");
        }
    }

    /// <summary>Seconds since <see cref="Reset"/>.</summary>
    public double Time
    {
        get => *(double*)(Pointer + layout[DataField.Time]);
        set => *(double*)(Pointer + layout[DataField.Time]) = value;
    }

    public int ContactCount => *(int*)(Pointer + layout[DataField.Ncon]);

    /// <summary>[position]; may be written.</summary>
    public Span<double> Position => Array(DataField.Qpos, model.PositionCount);

    /// <summary>[velocity]; may be written.</summary>
    public Span<double> Velocity => Array(DataField.Qvel, model.VelocityCount);

    /// <summary>[activation]; may be written.</summary>
    public Span<double> Activation => Array(DataField.Act, model.ActivationCount);

    /// <summary>[actuator]; to be written. MuJoCo clips it to the actuator's range where it uses it.</summary>
    public Span<double> Control => Array(DataField.Ctrl, model.ControlCount);

    /// <summary>All sensors' values one after another.</summary>
    public ReadOnlySpan<double> SensorValues => Array(DataField.Sensordata, model.SensorValueCount);

    /// <summary>[body, 3]</summary>
    public ReadOnlySpan<double> BodyPosition => Array(DataField.Xpos, 3 * model.BodyCount);

    /// <summary>[body, 9]: rotation matrix, row major.</summary>
    public ReadOnlySpan<double> BodyRotation => Array(DataField.Xmat, 9 * model.BodyCount);

    /// <summary>[body, 3]: centre of mass.</summary>
    public ReadOnlySpan<double> BodyCentre => Array(DataField.Xipos, 3 * model.BodyCount);

    /// <summary>[joint, 3]</summary>
    public ReadOnlySpan<double> JointAnchor => Array(DataField.Xanchor, 3 * model.JointCount);

    /// <summary>[geom, 3]</summary>
    public ReadOnlySpan<double> GeomPosition => Array(DataField.GeomXpos, 3 * model.GeomCount);

    /// <summary>[geom, 9]: rotation matrix, row major.</summary>
    public ReadOnlySpan<double> GeomRotation => Array(DataField.GeomXmat, 9 * model.GeomCount);

    /// <summary>[site, 3]</summary>
    public ReadOnlySpan<double> SitePosition => Array(DataField.SiteXpos, 3 * model.SiteCount);

    /// <summary>[site, 9]: rotation matrix, row major.</summary>
    public ReadOnlySpan<double> SiteRotation => Array(DataField.SiteXmat, 9 * model.SiteCount);

    /// <summary>[camera, 3]</summary>
    public ReadOnlySpan<double> CameraPosition => Array(DataField.CamXpos, 3 * model.CameraCount);

    /// <summary>[camera, 9]: rotation matrix, row major; its columns point right, up and backwards.</summary>
    public ReadOnlySpan<double> CameraRotation => Array(DataField.CamXmat, 9 * model.CameraCount);

    /// <summary>[light, 3]</summary>
    public ReadOnlySpan<double> LightPosition => Array(DataField.LightXpos, 3 * model.LightCount);

    /// <summary>[light, 3]: where it shines to.</summary>
    public ReadOnlySpan<double> LightDirection => Array(DataField.LightXdir, 3 * model.LightCount);

    /// <summary>[tendon]: its first row of <see cref="TendonPoints"/>.</summary>
    public ReadOnlySpan<int> TendonAddress => new(*(int**)(Pointer + layout[DataField.TenWrapadr]), model.TendonCount);

    /// <summary>[tendon]: how many rows of <see cref="TendonPoints"/> it passes; 0 for a tendon without a place.</summary>
    public ReadOnlySpan<int> TendonLength => new(*(int**)(Pointer + layout[DataField.TenWrapnum]), model.TendonCount);

    /// <summary>[<see cref="MujocoModel.TendonPointCount"/>, 3]</summary>
    public ReadOnlySpan<double> TendonPoints => Array(DataField.WrapXpos, 3 * model.TendonPointCount);

    internal nint Pointer => pointer != 0 ? pointer : throw new ObjectDisposedException(nameof(MujocoData));

    /// <summary>Back to the model's initial state; nothing is computed from it yet.</summary>
    public void Reset() => Call(library.ResetData);

    /// <summary>Computes everything from the state, without moving it.</summary>
    public void Forward() => Call(library.Forward);

    /// <summary>Moves the state one physics step on; positions are those before the step until something computes anew.</summary>
    public void Step() => Call(library.Step);

    /// <summary>First half of a step: what depends on positions and velocities.</summary>
    public void Step1() => Call(library.Step1);

    /// <summary>Second half of a step: forces, constraints, and the move.</summary>
    public void Step2() => Call(library.Step2);

    public void Dispose()
    {
        if (pointer != 0)
        {
            library.DeleteData(pointer);
            pointer = 0;
        }
    }

    private void Call(delegate* unmanaged[Cdecl]<nint, nint, void> function)
    {
        function(model.Pointer, Pointer);
        MujocoFaults.ThrowIfAny();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<double> Array(DataField field, int count) => new(*(double**)(Pointer + layout[field]), count);
}
