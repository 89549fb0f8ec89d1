namespace Dreamer.Environments.Mujoco;

/// <summary>What a joint allows; the numbers are MuJoCo's.</summary>
public enum JointKind
{
    Free = 0,
    Ball = 1,
    Slide = 2,
    Hinge = 3,
}
