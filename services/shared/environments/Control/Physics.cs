using Dreamer.Environments.Mujoco;

namespace Dreamer.Environments.Control;

/// <summary>A model with its state, stepped in the suite's order. Not thread safe.</summary>
public sealed class Physics : IDisposable
{
    private readonly Dictionary<(ObjectKind Kind, string Name), int> ids = [];

    /// <exception cref="MujocoException">MuJoCo refuses the description.</exception>
    public Physics(MujocoLibrary library, string mjcf)
    {
        Model = new MujocoModel(library, mjcf);
        try
        {
            Data = new MujocoData(Model);
        }
        catch
        {
            Model.Dispose();
            throw;
        }
    }

    public MujocoModel Model { get; }

    public MujocoData Data { get; }

    /// <summary>Back to the initial state, with everything computed from it.</summary>
    public void Reset()
    {
        Data.Reset();
        Settle();
    }

    /// <summary>Computes everything from a state that was written; there is no control yet, so that actuators are off.</summary>
    public void Settle()
    {
        Model.Actuated = false;
        try
        {
            Data.Forward();
        }
        finally
        {
            Model.Actuated = true;
        }
    }

    /// <summary>
    /// Moves on by <paramref name="count"/> physics steps under the control that was written. What depends on positions and
    /// velocities is up to date before and after: with Euler's method the first step only has to be finished.
    /// </summary>
    public void Step(int count)
    {
        if (!Model.IsRungeKutta)
        {
            Data.Step2();
            count--;
        }

        for (; count > 0; count--)
        {
            Data.Step();
        }

        Data.Step1();
    }

    /// <summary>Number of a named object, looked up once.</summary>
    /// <exception cref="MujocoException">The model has no such object.</exception>
    public int IdOf(ObjectKind kind, string name)
    {
        if (!ids.TryGetValue((kind, name), out var id))
        {
            ids[(kind, name)] = id = Model.IdOf(kind, name);
        }

        return id;
    }

    /// <summary>[3] in world coordinates.</summary>
    public ReadOnlySpan<double> BodyPosition(string body) => Data.BodyPosition.Slice(3 * IdOf(ObjectKind.Body, body), 3);

    /// <summary>[3, 3], row major: columns are the body's axes in world coordinates.</summary>
    public ReadOnlySpan<double> BodyRotation(string body) => Data.BodyRotation.Slice(9 * IdOf(ObjectKind.Body, body), 9);

    /// <summary>[3]: centre of mass in world coordinates.</summary>
    public ReadOnlySpan<double> BodyCentre(string body) => Data.BodyCentre.Slice(3 * IdOf(ObjectKind.Body, body), 3);

    /// <summary>[3] in world coordinates.</summary>
    public ReadOnlySpan<double> GeomPosition(string geom) => Data.GeomPosition.Slice(3 * IdOf(ObjectKind.Geom, geom), 3);

    /// <summary>[3] in world coordinates.</summary>
    public ReadOnlySpan<double> SitePosition(string site) => Data.SitePosition.Slice(3 * IdOf(ObjectKind.Site, site), 3);

    /// <summary>The values of one sensor.</summary>
    public ReadOnlySpan<double> Sensor(string sensor)
    {
        var id = IdOf(ObjectKind.Sensor, sensor);
        return Data.SensorValues.Slice(Model.SensorAddress[id], Model.SensorSize[id]);
    }

    public void Dispose()
    {
        Data.Dispose();
        Model.Dispose();
    }
}
