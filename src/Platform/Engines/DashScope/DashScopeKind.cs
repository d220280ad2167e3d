using Microsoft.Extensions.Options;

namespace Platform.Engines.DashScope;

/// <summary>The kind <c>dashscope</c>: one instance is one account in one region.</summary>
internal static class DashScopeKind
{
    public static readonly EngineKind Kind = new("dashscope", DashScopeRegions.FindFaults, Create);

    // A name that moved is looked up again within this time.
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    private static DashScopeEngine Create(string name, EngineInstance instance, IServiceProvider services)
    {
        // No redirects: a key must not travel to where an answer points. No time limit of its own: the pool's ends a call.
        var http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            PooledConnectionLifetime = ConnectionLifetime,
            ConnectTimeout = ConnectTimeout,
        }) { Timeout = Timeout.InfiniteTimeSpan };
        return new DashScopeEngine(
            name,
            instance,
            services.GetRequiredService<IOptions<DashScopeOptions>>().Value,
            services.GetRequiredService<ProviderVoices>(),
            (http, services.GetRequiredService<ILogger<DashScopeEngine>>()));
    }
}
