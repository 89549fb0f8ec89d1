using Dreamer.Replay;
using Dreamer.System.Tests.Fuzz;

namespace Dreamer.System.Tests.Wire;

/// <summary>Who may call what is written down for every rpc there is.</summary>
public sealed class AccessTests
{
    [Fact]
    public void Every_rpc_of_the_protocol_has_its_roles_and_no_other_is_listed() => Assert.Equal(
        RpcFuzzTests.Rpcs.Select(rpc => $"/{rpc.Service.FullName}/{rpc.Name}").Order(StringComparer.Ordinal), ReplayHost.Access.Keys.Order(StringComparer.Ordinal));
}
