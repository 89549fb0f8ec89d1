using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace Dreamer.Hosting.Edge;

/// <summary>Puts the gate before everything else of the pipeline, so that no host can forget it.</summary>
internal sealed class CallGateFilter(CallGate gate) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(then => context => gate.InvokeAsync(context, then));
        next(app);
    };
}
