using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;

namespace Dreamer.Environments.Mujoco;

/// <summary>MuJoCo's shared library, loaded once per path, with the layout of its version checked on a small model.</summary>
public sealed unsafe class MujocoLibrary
{
    /// <summary>The environment variable that names the library when no setting does.</summary>
    public const string PathVariable = "MUJOCO_LIB";

    private const string Remedy =
        "Install Debian's package libmujoco2.2.2, or name the library of another installation in env.mujoco or in the variable " + PathVariable + ".";

    private static readonly ConcurrentDictionary<string, Lazy<MujocoLibrary>> Loaded = new();

    // The compiler behind mj_loadXML keeps the last model in a global.
    private static readonly Lock Compiler = new();

    private readonly nint handle;
    private readonly string name;
    private readonly delegate* unmanaged[Cdecl]<byte*, nint, byte*, int, nint> loadXml;
    private readonly delegate* unmanaged[Cdecl]<nint, void> deleteModel;
    private readonly delegate* unmanaged[Cdecl]<nint, int, byte*, int> nameToId;

    private MujocoLibrary(nint handle, string name)
    {
        (this.handle, this.name) = (handle, name);
        Version = ((delegate* unmanaged[Cdecl]<int>)Export("mj_version"))();
        Layout = MujocoLayout.Of(Version, name);
        MujocoFaults.Hook(handle);

        loadXml = (delegate* unmanaged[Cdecl]<byte*, nint, byte*, int, nint>)Export("mj_loadXML");
        deleteModel = (delegate* unmanaged[Cdecl]<nint, void>)Export("mj_deleteModel");
        nameToId = (delegate* unmanaged[Cdecl]<nint, int, byte*, int>)Export("mj_name2id");
        MakeData = (delegate* unmanaged[Cdecl]<nint, nint>)Export("mj_makeData");
        DeleteData = (delegate* unmanaged[Cdecl]<nint, void>)Export("mj_deleteData");
        ResetData = (delegate* unmanaged[Cdecl]<nint, nint, void>)Export("mj_resetData");
        Forward = (delegate* unmanaged[Cdecl]<nint, nint, void>)Export("mj_forward");
        Step = (delegate* unmanaged[Cdecl]<nint, nint, void>)Export("mj_step");
        Step1 = (delegate* unmanaged[Cdecl]<nint, nint, void>)Export("mj_step1");
        Step2 = (delegate* unmanaged[Cdecl]<nint, nint, void>)Export("mj_step2");
        MujocoProbe.Check(this, name);
    }

    /// <summary>What <c>mj_version()</c> answers: 222 is 2.2.2.</summary>
    public int Version { get; }

    internal MujocoLayout Layout { get; }

    internal delegate* unmanaged[Cdecl]<nint, nint> MakeData { get; }

    internal delegate* unmanaged[Cdecl]<nint, void> DeleteData { get; }

    internal delegate* unmanaged[Cdecl]<nint, nint, void> ResetData { get; }

    internal delegate* unmanaged[Cdecl]<nint, nint, void> Forward { get; }

    internal delegate* unmanaged[Cdecl]<nint, nint, void> Step { get; }

    internal delegate* unmanaged[Cdecl]<nint, nint, void> Step1 { get; }

    internal delegate* unmanaged[Cdecl]<nint, nint, void> Step2 { get; }

    /// <param name="path">The library's file; when empty, what <see cref="PathVariable"/> names, then the system's own.</param>
    /// <exception cref="MujocoException">It is missing, broken or of an unknown version.</exception>
    public static MujocoLibrary Load(string path = "")
    {
        var wanted = path.Length > 0 ? path : Environment.GetEnvironmentVariable(PathVariable) ?? "";
        return Loaded.GetOrAdd(wanted, name => new Lazy<MujocoLibrary>(() => Open(name))).Value;
    }

    /// <summary>Compiles MJCF text. This release reads files only, so the text passes through a temporary one.</summary>
    /// <exception cref="MujocoException">MuJoCo's own words on what is wrong with the text.</exception>
    internal nint Compile(string mjcf)
    {
        var file = Path.Combine(Path.GetTempPath(), $"dreamer-{Guid.NewGuid():N}.xml");
        var error = stackalloc byte[1000];
        error[0] = 0;
        nint model;
        try
        {
            File.WriteAllText(file, mjcf);
            fixed (byte* name = ToNative(file))
            {
                lock (Compiler)
                {
                    model = loadXml(name, 0, error, 1000);
                }
            }
        }
        finally
        {
            File.Delete(file);
        }

        MujocoFaults.ThrowIfAny();
        return model != 0 ? model : throw new MujocoException($"MuJoCo: {Marshal.PtrToStringUTF8((nint)error)}");
    }

    /// <summary>The address of a function of MuJoCo's.</summary>
    /// <exception cref="MujocoException">The library has none of this name.</exception>
    internal nint Export(string function) => NativeLibrary.TryGetExport(handle, function, out var address)
        ? address
        : throw new MujocoException($"{name} is no MuJoCo library: it lacks the function {function}. {Remedy}");

    internal void Delete(nint model) => deleteModel(model);

    /// <summary>-1 when there is no such object.</summary>
    internal int IdOf(nint model, ObjectKind kind, string name)
    {
        fixed (byte* text = ToNative(name))
        {
            return nameToId(model, Layout[kind], text);
        }
    }

    private static byte[] ToNative(string text) => Encoding.UTF8.GetBytes(text + '\0');

    private static MujocoLibrary Open(string path)
    {
        if (path.Length > 0)
        {
            try
            {
                return new MujocoLibrary(NativeLibrary.Load(path), path);
            }
            catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
            {
                throw new MujocoException($"MuJoCo's library '{path}' cannot be loaded: {error.Message.Split('\n')[0].TrimEnd()} {Remedy}", error);
            }
        }

        string[] names = [.. MujocoLayout.All.Keys.Select(version => $"libmujoco.so.{MujocoLayout.Display(version)}"), "libmujoco.so", "mujoco"];
        foreach (var name in names)
        {
            if (NativeLibrary.TryLoad(name, out var handle))
            {
                return new MujocoLibrary(handle, name);
            }
        }

        throw new MujocoException($"MuJoCo's library was not found (tried {string.Join(", ", names)}). {Remedy}");
    }
}
