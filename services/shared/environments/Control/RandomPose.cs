using Dreamer.Environments.Mujoco;
using Dreamer.Environments.Numpy;

namespace Dreamer.Environments.Control;

/// <summary>Random places of joints, drawn joint by joint in the model's order.</summary>
internal static class RandomPose
{
    /// <summary>Limited joints uniformly in their range, unlimited hinges in [-pi, pi), orientations of free joints; other slides stay.</summary>
    public static void Draw(Physics physics, RandomState random)
    {
        var model = physics.Model;
        for (var joint = 0; joint < model.JointCount; joint++)
        {
            var position = physics.Data.Position[model.JointPositionAddress[joint]..];
            if (model.JointLimited[joint] != 0)
            {
                position[0] = random.Uniform(model.JointRange[2 * joint], model.JointRange[(2 * joint) + 1]);
            }
            else if (model.JointKinds[joint] == (int)JointKind.Hinge)
            {
                position[0] = random.Uniform(-Math.PI, Math.PI);
            }
            else if (model.JointKinds[joint] == (int)JointKind.Free)
            {
                // Only the positive sixteenth of the sphere: the suite keeps this for the sake of its published scores.
                DrawUnit(position.Slice(3, 4), random.Rand);
            }
        }
    }

    /// <summary>Draws again until nothing touches.</summary>
    /// <exception cref="MujocoException">It touched each of ten thousand times.</exception>
    public static void DrawFree(Physics physics, RandomState random, Action<Physics, RandomState> draw)
    {
        for (var attempt = 0; attempt < 10_000; attempt++)
        {
            draw(physics, random);
            physics.Settle();
            if (physics.Data.ContactCount == 0)
            {
                return;
            }
        }

        throw new MujocoException("No pose without contacts was found within 10,000 draws.");
    }

    /// <summary>A vector of length 1 from components drawn one after another.</summary>
    public static void DrawUnit(Span<double> vector, Func<double> draw)
    {
        var square = 0.0;
        foreach (ref var component in vector)
        {
            component = draw();
            square += component * component;
        }

        var length = Math.Sqrt(square);
        foreach (ref var component in vector)
        {
            component /= length;
        }
    }
}
