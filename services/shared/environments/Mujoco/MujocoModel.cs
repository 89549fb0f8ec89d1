using System.Runtime.CompilerServices;

namespace Dreamer.Environments.Mujoco;

/// <summary>
/// A compiled model (<c>mjModel</c>). Arrays are views of MuJoCo's memory, row major, one row per object in the order of
/// ids, in metres, kilograms, seconds and radians; they end with the model. Not thread safe.
/// </summary>
public sealed unsafe partial class MujocoModel : IDisposable
{
    private readonly MujocoLayout layout;
    private nint pointer;

    /// <param name="library">Compiles it.</param>
    /// <param name="mjcf">MuJoCo's model description, without includes.</param>
    /// <exception cref="MujocoException">MuJoCo refuses the description.</exception>
    public MujocoModel(MujocoLibrary library, string mjcf)
    {
        (Library, layout) = (library, library.Layout);
        pointer = library.Compile(mjcf);
    }

    public MujocoLibrary Library { get; }

    /// <summary>Length of <see cref="MujocoData.Position"/>.</summary>
    public int PositionCount => Integer(ModelField.Nq);

    /// <summary>Degrees of freedom: length of <see cref="MujocoData.Velocity"/>.</summary>
    public int VelocityCount => Integer(ModelField.Nv);

    /// <summary>Actuators: length of <see cref="MujocoData.Control"/>.</summary>
    public int ControlCount => Integer(ModelField.Nu);

    /// <summary>Actuators with a state of their own: length of <see cref="MujocoData.Activation"/>.</summary>
    public int ActivationCount => Integer(ModelField.Na);

    /// <summary>Bodies; the first is the world.</summary>
    public int BodyCount => Integer(ModelField.Nbody);

    public int JointCount => Integer(ModelField.Njnt);

    public int GeomCount => Integer(ModelField.Ngeom);

    public int SiteCount => Integer(ModelField.Nsite);

    public int SensorCount => Integer(ModelField.Nsensor);

    /// <summary>Length of <see cref="MujocoData.SensorValues"/>.</summary>
    public int SensorValueCount => Integer(ModelField.Nsensordata);

    /// <summary>Seconds of one physics step.</summary>
    public double TimeStep => *(double*)(Pointer + layout[ModelField.OptTimestep]);

    /// <summary>Whether the integrator is the Runge-Kutta one of fourth order.</summary>
    public bool IsRungeKutta => Integer(ModelField.OptIntegrator) == 1;

    /// <summary>Whether controls act on the joints.</summary>
    public bool Actuated
    {
        get => (*(int*)(Pointer + layout[ModelField.OptDisableflags]) & layout.DisableActuation) == 0;
        set
        {
            var flags = (int*)(Pointer + layout[ModelField.OptDisableflags]);
            *flags = value ? *flags & ~layout.DisableActuation : *flags | layout.DisableActuation;
        }
    }

    /// <summary>[position] of the pose that the description draws.</summary>
    public ReadOnlySpan<double> InitialPosition => Array<double>(ModelField.Qpos0, PositionCount);

    /// <summary>[body, 3] in the parent's frame.</summary>
    public ReadOnlySpan<double> BodyPosition => Array<double>(ModelField.BodyPos, 3 * BodyCount);

    /// <summary>[body, 3]: centre of mass in the body's frame.</summary>
    public ReadOnlySpan<double> BodyCentre => Array<double>(ModelField.BodyIpos, 3 * BodyCount);

    /// <summary>[body]</summary>
    public ReadOnlySpan<double> BodyMass => Array<double>(ModelField.BodyMass, BodyCount);

    /// <summary>[body, 3]: principal moments of inertia.</summary>
    public ReadOnlySpan<double> BodyInertia => Array<double>(ModelField.BodyInertia, 3 * BodyCount);

    /// <summary>[joint] as <see cref="JointKind"/>.</summary>
    public ReadOnlySpan<int> JointKinds => Array<int>(ModelField.JntType, JointCount);

    /// <summary>[joint]: where its position begins.</summary>
    public ReadOnlySpan<int> JointPositionAddress => Array<int>(ModelField.JntQposadr, JointCount);

    /// <summary>[joint]: where its velocity begins.</summary>
    public ReadOnlySpan<int> JointVelocityAddress => Array<int>(ModelField.JntDofadr, JointCount);

    /// <summary>[joint]: 1 where <see cref="JointRange"/> holds.</summary>
    public ReadOnlySpan<byte> JointLimited => Array<byte>(ModelField.JntLimited, JointCount);

    /// <summary>[joint, 2]: lower and upper limit.</summary>
    public ReadOnlySpan<double> JointRange => Array<double>(ModelField.JntRange, 2 * JointCount);

    /// <summary>[joint]</summary>
    public ReadOnlySpan<double> JointStiffness => Array<double>(ModelField.JntStiffness, JointCount);

    /// <summary>[velocity]; may be written.</summary>
    public Span<double> DofDamping => Array<double>(ModelField.DofDamping, VelocityCount);

    /// <summary>[velocity]</summary>
    public ReadOnlySpan<double> DofArmature => Array<double>(ModelField.DofArmature, VelocityCount);

    /// <summary>[velocity]</summary>
    public ReadOnlySpan<double> DofFrictionLoss => Array<double>(ModelField.DofFrictionloss, VelocityCount);

    /// <summary>[actuator, 2]: lower and upper limit.</summary>
    public ReadOnlySpan<double> ControlRange => Array<double>(ModelField.ActuatorCtrlrange, 2 * ControlCount);

    /// <summary>[actuator, 6]</summary>
    public ReadOnlySpan<double> ActuatorGear => Array<double>(ModelField.ActuatorGear, 6 * ControlCount);

    /// <summary>[sensor]: where its values begin.</summary>
    public ReadOnlySpan<int> SensorAddress => Array<int>(ModelField.SensorAdr, SensorCount);

    /// <summary>[sensor]: how many values it has.</summary>
    public ReadOnlySpan<int> SensorSize => Array<int>(ModelField.SensorDim, SensorCount);

    internal nint Pointer => pointer != 0 ? pointer : throw new ObjectDisposedException(nameof(MujocoModel));

    /// <exception cref="MujocoException">The model has no such object.</exception>
    public int IdOf(ObjectKind kind, string name) => Library.IdOf(Pointer, kind, name) is >= 0 and var id
        ? id
        : throw new MujocoException($"The model has no {kind.ToString().ToLowerInvariant()} '{name}'.");

    public void Dispose()
    {
        if (pointer != 0)
        {
            Library.Delete(pointer);
            pointer = 0;
        }
    }

    // Counts are 64-bit from MuJoCo 3.5 on; their lower half comes first.
    private int Integer(ModelField field) => *(int*)(Pointer + layout[field]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<T> Array<T>(ModelField field, int count)
        where T : unmanaged => new(*(T**)(Pointer + layout[field]), count);
}
