using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Dreamer.Hosting.Edge;

/// <summary>Decides about <c>/ready</c>.</summary>
public static class Readiness
{
    /// <summary>Adds the check of a service.</summary>
    /// <param name="services">Of the service's host.</param>
    /// <param name="lacking">What the service lacks before it can do its work, null when nothing; asked with each request. What it throws counts as lacking.</param>
    public static IServiceCollection AddReadiness(this IServiceCollection services, Func<CancellationToken, ValueTask<string?>> lacking)
    {
        services.AddHealthChecks().AddAsyncCheck(
            "work",
            async cancellation => await lacking(cancellation) is { } reason ? HealthCheckResult.Unhealthy(reason) : HealthCheckResult.Healthy(),
            [EdgeExtensions.ReadyTag]);
        return services;
    }
}
