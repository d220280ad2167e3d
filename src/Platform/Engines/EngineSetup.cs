using Microsoft.Extensions.Options;
using Platform.Engines.Calls;
using Platform.Engines.DashScope;
using Platform.Engines.EspeakNg;
using Platform.Engines.Null;

namespace Platform.Engines;

/// <summary>Makes the engines: those that need no settings, and the instances that the settings name.</summary>
internal static class EngineSetup
{
    private static readonly string[] BuiltIn = ["espeak-ng", "null"];

    public static void AddEngines(this IServiceCollection services, IConfiguration settings)
    {
        services.Configure<DashScopeOptions>(settings.GetSection(DashScopeOptions.Section));
        services.Configure<EspeakOptions>(settings.GetSection(EspeakOptions.Section));
        services.AddSingleton(static provider => provider.GetRequiredService<IOptions<EspeakOptions>>().Value);
        services.AddSingleton<IEngine, EspeakEngine>();
        services.AddSingleton<IEngine, NullEngine>();
        var options = settings.GetSection(EnginesOptions.Section).Get<EnginesOptions>() ?? new EnginesOptions();
        foreach (var (name, instance) in options.Instances)
        {
            services.AddSingleton(provider => EngineKinds.Find(instance.Kind)!.Create(name, instance, provider));
        }

        services.AddSingleton<RecordCalls>();
        services.AddSingleton<StoreCalls>();
        services.AddSingleton<EnginePools>();
        services.AddSingleton<EngineOffer>();
    }

    /// <summary>
    /// All that is wrong with the engines of the settings, in sentences that begin with the setting's name. Of sections in which something cannot be
    /// read nothing more is said.
    /// </summary>
    public static List<string> FindFaults(IConfiguration settings, Func<string, bool> canBeRead)
    {
        var faults = new List<string>();
        if (canBeRead(EnginesOptions.Section))
        {
            var options = settings.GetSection(EnginesOptions.Section).Get<EnginesOptions>() ?? new EnginesOptions();
            faults.AddRange([.. FindFaultsOfInstances(options), .. FindFaultsOfLists(options)]);
        }

        if (canBeRead(DashScopeOptions.Section))
        {
            faults.AddRange((settings.GetSection(DashScopeOptions.Section).Get<DashScopeOptions>() ?? new DashScopeOptions()).FindFaults());
        }

        return faults;
    }

    private static IEnumerable<string> FindFaultsOfInstances(EnginesOptions options)
    {
        foreach (var (name, instance) in options.Instances)
        {
            var path = $"Engines:Instances:{name}";
            if (BuiltIn.Contains(name, StringComparer.Ordinal) || name.Contains(',', StringComparison.Ordinal))
            {
                yield return $"{path} has a name that is taken or holds a comma.";
            }

            if (EngineKinds.Find(instance.Kind) is not { } kind)
            {
                yield return $"{path}:Kind must be one of {string.Join(", ", EngineKinds.All.Select(static one => one.Name))}.";
                continue;
            }

            foreach (var fault in kind.FindFaults(instance))
            {
                yield return $"{path}{fault}.";
            }
        }
    }

    private static IEnumerable<string> FindFaultsOfLists(EnginesOptions options)
    {
        var lists = options.Pools.Keys.Select(pool => (Path: $"Engines:Pools:{pool}", Names: options.NamesFor(pool)))
            .Prepend((Path: "Engines:Default", Names: new EnginesOptions { Default = options.Default }.NamesFor("")));
        foreach (var (path, names) in lists)
        {
            if (names.Count == 0)
            {
                yield return $"{path} names no engine.";
            }

            foreach (var name in names.Where(name => !BuiltIn.Contains(name, StringComparer.Ordinal) && !options.Instances.ContainsKey(name)))
            {
                yield return $"{path} names {name}, which is not under Engines:Instances and none of {string.Join(", ", BuiltIn)}.";
            }

            if (names.Distinct(StringComparer.Ordinal).Count() < names.Count)
            {
                yield return $"{path} names an engine twice.";
            }

            // Their voices bear the names of the model's and are others: a customer would get a stranger's voice without a word.
            if (names.Count > 1 && names.FirstOrDefault(name => BuiltIn.Contains(name, StringComparer.Ordinal)) is { } standIn)
            {
                yield return $"{path} lists {standIn} beside others: it has not the model's voices and serves a pool alone or not at all.";
            }
        }
    }
}
