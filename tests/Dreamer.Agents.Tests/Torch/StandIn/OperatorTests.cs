using System.Reflection;
using TorchSharp;

namespace Dreamer.Agents.Tests.Torch.StandIn;

/// <summary>The stand-in's operators are libtorch's.</summary>
public sealed class OperatorTests
{
    [Fact]
    public void LibtorchHasEveryOperatorThatTheStandInNames()
    {
        FieldInfo[] fields = typeof(Ops).GetFields(BindingFlags.NonPublic | BindingFlags.Static);
        Assert.True(fields.Length > 200);
        foreach (FieldInfo field in fields)
            Assert.NotEqual(0, ((Op)field.GetValue(null)!).Resolve());
    }

    [Fact]
    public void AnOperatorThatDoesNotExistIsNamed()
    {
        Exception error = Assert.Throws<EntryPointNotFoundException>(() => new Op("no_such_thing", "at_all").Call());
        Assert.Contains("aten::no_such_thing.at_all", error.Message);
    }
}
