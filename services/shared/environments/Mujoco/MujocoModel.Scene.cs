namespace Dreamer.Environments.Mujoco;

/// <content>Shapes, materials, cameras and lights. Colours are RGB or RGBA in [0, 1].</content>
public sealed unsafe partial class MujocoModel
{
    public int CameraCount => Integer(ModelField.Ncam);

    public int LightCount => Integer(ModelField.Nlight);

    public int MaterialCount => Integer(ModelField.Nmat);

    public int TendonCount => Integer(ModelField.Ntendon);

    /// <summary>[geom] as <see cref="GeomShape"/>.</summary>
    public ReadOnlySpan<int> GeomShapes => Array<int>(ModelField.GeomType, GeomCount);

    /// <summary>[geom]: the body that it belongs to.</summary>
    public ReadOnlySpan<int> GeomBody => Array<int>(ModelField.GeomBodyid, GeomCount);

    /// <summary>[geom]: -1 for none.</summary>
    public ReadOnlySpan<int> GeomMaterial => Array<int>(ModelField.GeomMatid, GeomCount);

    /// <summary>[geom]: MuJoCo shows groups 0 to 2.</summary>
    public ReadOnlySpan<int> GeomGroup => Array<int>(ModelField.GeomGroup, GeomCount);

    /// <summary>[geom, 3]: radius, half length or half extents, by shape; may be written.</summary>
    public Span<double> GeomSize => Array<double>(ModelField.GeomSize, 3 * GeomCount);

    /// <summary>[geom, 3] in its body's frame; may be written.</summary>
    public Span<double> GeomPosition => Array<double>(ModelField.GeomPos, 3 * GeomCount);

    /// <summary>[geom, 4]: holds over the material where it is not MuJoCo's default (0.5, 0.5, 0.5, 1).</summary>
    public ReadOnlySpan<float> GeomColour => Array<float>(ModelField.GeomRgba, 4 * GeomCount);

    /// <summary>[geom, 3]: sliding, torsional, rolling.</summary>
    public ReadOnlySpan<double> GeomFriction => Array<double>(ModelField.GeomFriction, 3 * GeomCount);

    /// <summary>[geom, 2]</summary>
    public ReadOnlySpan<double> GeomSolverReference => Array<double>(ModelField.GeomSolref, 2 * GeomCount);

    /// <summary>[geom, 5]</summary>
    public ReadOnlySpan<double> GeomSolverImpedance => Array<double>(ModelField.GeomSolimp, 5 * GeomCount);

    /// <summary>[site] as <see cref="GeomShape"/>.</summary>
    public ReadOnlySpan<int> SiteShapes => Array<int>(ModelField.SiteType, SiteCount);

    /// <summary>[site]: -1 for none.</summary>
    public ReadOnlySpan<int> SiteMaterial => Array<int>(ModelField.SiteMatid, SiteCount);

    /// <summary>[site]: MuJoCo shows groups 0 to 2.</summary>
    public ReadOnlySpan<int> SiteGroup => Array<int>(ModelField.SiteGroup, SiteCount);

    /// <summary>[site, 3]; may be written.</summary>
    public Span<double> SiteSize => Array<double>(ModelField.SiteSize, 3 * SiteCount);

    /// <summary>[site, 3] in its body's frame; may be written.</summary>
    public Span<double> SitePosition => Array<double>(ModelField.SitePos, 3 * SiteCount);

    /// <summary>[site, 4]; may be written. Holds over the material where it is not (0.5, 0.5, 0.5, 1).</summary>
    public Span<float> SiteColour => Array<float>(ModelField.SiteRgba, 4 * SiteCount);

    /// <summary>[camera]: vertical field of view in degrees.</summary>
    public ReadOnlySpan<double> CameraFieldOfView => Array<double>(ModelField.CamFovy, CameraCount);

    /// <summary>[light]: 1 where it shines.</summary>
    public ReadOnlySpan<byte> LightActive => Array<byte>(ModelField.LightActive, LightCount);

    /// <summary>[light]: 1 where it casts shadows.</summary>
    public ReadOnlySpan<byte> LightCastsShadow => Array<byte>(ModelField.LightCastshadow, LightCount);

    /// <summary>[light]: OpenGL's spot cutoff in degrees.</summary>
    public ReadOnlySpan<float> LightCutoff => Array<float>(ModelField.LightCutoff, LightCount);

    /// <summary>[light]: OpenGL's spot exponent.</summary>
    public ReadOnlySpan<float> LightExponent => Array<float>(ModelField.LightExponent, LightCount);

    /// <summary>[light, 3]</summary>
    public ReadOnlySpan<float> LightAmbient => Array<float>(ModelField.LightAmbient, 3 * LightCount);

    /// <summary>[light, 3]</summary>
    public ReadOnlySpan<float> LightDiffuse => Array<float>(ModelField.LightDiffuse, 3 * LightCount);

    /// <summary>[light, 3]</summary>
    public ReadOnlySpan<float> LightSpecular => Array<float>(ModelField.LightSpecular, 3 * LightCount);

    /// <summary>[material, 4]</summary>
    public ReadOnlySpan<float> MaterialColour => Array<float>(ModelField.MatRgba, 4 * MaterialCount);

    /// <summary>[material]: share of its colour that it emits.</summary>
    public ReadOnlySpan<float> MaterialEmission => Array<float>(ModelField.MatEmission, MaterialCount);

    /// <summary>[material]: strength of highlights.</summary>
    public ReadOnlySpan<float> MaterialSpecular => Array<float>(ModelField.MatSpecular, MaterialCount);

    /// <summary>[material]: sharpness of highlights in [0, 1]; times 128 it is OpenGL's exponent.</summary>
    public ReadOnlySpan<float> MaterialShininess => Array<float>(ModelField.MatShininess, MaterialCount);

    /// <summary>[material]: share of mirrored light.</summary>
    public ReadOnlySpan<float> MaterialReflectance => Array<float>(ModelField.MatReflectance, MaterialCount);

    /// <summary>[tendon]: radius that it is drawn with.</summary>
    public ReadOnlySpan<double> TendonWidth => Array<double>(ModelField.TendonWidth, TendonCount);

    /// <summary>[tendon, 4]</summary>
    public ReadOnlySpan<float> TendonColour => Array<float>(ModelField.TendonRgba, 4 * TendonCount);

    /// <summary>Points that tendons may pass: rows of <see cref="MujocoData.TendonPoints"/>.</summary>
    public int TendonPointCount => 2 * Integer(ModelField.Nwrap);

    /// <summary>Whether light <paramref name="id"/> comes from one direction instead of from a point.</summary>
    public bool IsDirectional(int id)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)id, (uint)LightCount);
        return (*(byte**)(Pointer + layout[ModelField.LightDirectional]))[id * layout.LightDirectionalBytes] == 1;
    }
}
