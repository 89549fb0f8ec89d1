namespace Dreamer.Environments.Mujoco;

/// <summary>The fields of <c>mjData</c> that we read; <c>layouts.txt</c> says where they lie.</summary>
internal enum DataField
{
    Ncon,
    Time,
    Qpos,
    Qvel,
    Act,
    Ctrl,
    Sensordata,
    Xpos,
    Xmat,
    Xipos,
    Xanchor,
    GeomXpos,
    GeomXmat,
    SiteXpos,
    SiteXmat,
    CamXpos,
    CamXmat,
    LightXpos,
    LightXdir,
    TenWrapadr,
    TenWrapnum,
    WrapXpos,
}
