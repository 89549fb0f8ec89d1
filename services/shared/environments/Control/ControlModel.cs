using System.Xml.Linq;

namespace Dreamer.Environments.Control;

/// <summary>The models of the suite's domains as MJCF, written anew from the suite's numbers.</summary>
public static class ControlModel
{
    /// <summary>The description of a domain with the looks that all of them share.</summary>
    /// <param name="domain">For example <c>walker</c>.</param>
    public static XElement Read(string domain)
    {
        var model = Resource(domain);
        model.AddFirst(Resource("looks").Elements());
        return model;
    }

    /// <summary>Adds the sky's texture, which only MuJoCo's own renderer shows.</summary>
    public static void AddSky(XElement model) => model.AddFirst(Resource("sky").Elements());

    private static XElement Resource(string name)
    {
        using var text = typeof(ControlModel).Assembly.GetManifestResourceStream($"Control/{name}.xml")!;
        return XElement.Load(text);
    }
}
