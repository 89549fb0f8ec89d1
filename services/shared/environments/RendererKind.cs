namespace Dreamer.Environments;

/// <summary>Who draws the pictures of the DeepMind Control suite.</summary>
public enum RendererKind
{
    /// <summary>Our own ray caster: fast, needs nothing.</summary>
    Software,

    /// <summary>MuJoCo's OpenGL renderer on Mesa's EGL: the suite's own pictures, slow.</summary>
    Mujoco,
}
