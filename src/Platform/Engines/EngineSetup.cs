using Microsoft.Extensions.Options;
using Platform.Engines.EspeakNg;
using Platform.Engines.Null;

namespace Platform.Engines;

/// <summary>The only place that knows which engines there are. A further one is a line here.</summary>
internal static class EngineSetup
{
    public static void AddEngines(this IServiceCollection services, IConfiguration settings)
    {
        services.Configure<EnginesOptions>(settings.GetSection(EnginesOptions.Section));
        services.Configure<EspeakOptions>(settings.GetSection(EspeakOptions.Section));
        services.AddSingleton(static provider => provider.GetRequiredService<IOptions<EspeakOptions>>().Value);
        services.AddSingleton<IEngine, EspeakEngine>();
        services.AddSingleton<IEngine, NullEngine>();
        services.AddSingleton<EnginePools>();
    }
}
