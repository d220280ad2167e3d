using Microsoft.Extensions.Options;
using Platform.Engines.DashScope;
using Platform.Engines.OpenAiSpeech;

namespace Platform.Engines;

/// <summary>A kind of engine of which settings may name any number of instances.</summary>
/// <param name="Name">What <see cref="EngineInstance.Kind"/> says.</param>
/// <param name="FindFaults">What is wrong with an instance's settings; each completes "Engines:Instances:gpu_a", as in ":Url is missing".</param>
/// <param name="Create">Makes the engine of that name, from settings in which no fault was found.</param>
internal sealed record EngineKind(
    string Name,
    Func<EngineInstance, IEnumerable<string>> FindFaults,
    Func<string, EngineInstance, IServiceProvider, IEngine> Create);

/// <summary>Every kind that there is. A further one is a line here.</summary>
internal static class EngineKinds
{
    public static readonly IReadOnlyList<EngineKind> All =
    [
        DashScopeKind.Kind,
        new(OpenAiSpeechEngine.KindName, OpenAiSpeechEngine.FindFaults, static (name, instance, provider) => new OpenAiSpeechEngine(
            name, instance, provider.GetRequiredService<IOptions<EnginesOptions>>().Value.SpoolPath, provider.GetRequiredService<TimeProvider>())),
    ];

    public static EngineKind? Find(string name) => All.FirstOrDefault(kind => string.Equals(kind.Name, name, StringComparison.Ordinal));

    /// <summary>For kinds that are reached over HTTP.</summary>
    public static string? FindFaultOfUrl(EngineInstance instance) =>
        instance.Url.Length == 0 ? ":Url is missing: give it the server's address, such as http://gpu-1:8091"
        : !Uri.TryCreate(instance.Url, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https")
            || url.UserInfo.Length > 0 || url.Query.Length > 0 || url.Fragment.Length > 0
            ? ":Url must be an http or https address without a user, a query or a fragment"
            : null;
}
