using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Platform.Engines;
using Platform.Engines.Calls;
using Platform.Engines.Null;
using Platform.Tasks;
using Platform.Tests.Catalog;

namespace Platform.Tests.Tasks;

/// <summary>What an installation of these engines offers; with none given, everything.</summary>
internal static class Offered
{
    public static CheckTask Check(params IEngine[] engines) => new(SampleTask.Catalog, SampleTask.Voices, By(engines));

    public static EngineOffer By(params IEngine[] engines)
    {
        var all = engines.Length > 0 ? engines : [new NullEngine()];
        var options = Options.Create(new EnginesOptions { Default = string.Join(',', all.Select(static engine => engine.Name)) });
        var calls = new RecordCalls(options, TimeProvider.System, NullLogger<RecordCalls>.Instance);
        return new EngineOffer(new EnginePools(all, options, calls, TimeProvider.System, NullLogger<EnginePools>.Instance), all);
    }
}
