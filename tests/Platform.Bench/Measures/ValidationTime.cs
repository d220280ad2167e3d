using System.Diagnostics;
using System.Text;
using Platform.Bench.Report;
using Platform.Catalog;

namespace Platform.Bench.Measures;

/// <summary>What step 2 of the walk costs on one core: the parse of a body, the check of its task, and the defaults.</summary>
internal static class ValidationTime
{
    public const int TaskBytes = 1_000;

    private const int PerBatch = 500;

    // The two models whose tasks may set the most.
    private static readonly string[] Measured = ["alibaba:qwen@3-tts-1.7b-base", "alibaba:qwen@3-tts-1.7b-customvoice"];

    /// <summary>The median batch of one model after another; the slowest model counts.</summary>
    public static ValidationFigure Measure(TimeSpan warmUp, TimeSpan length)
    {
        var catalog = ModelCatalog.Load(SchemaFiles.Embedded());
        return Measured
            .Select(air => MeasureModel(catalog, BodyFor(air), warmUp, length))
            .MaxBy(figure => figure.Microseconds)!;
    }

    /// <summary>An array of one task of exactly <see cref="TaskBytes"/> bytes that sets most of what the model has.</summary>
    public static byte[] BodyFor(string air)
    {
        var own = air.EndsWith("-base", StringComparison.Ordinal)
            ? """
              "voice":"clone"},"inputs":{"audio":"b7c1d9e0-52a4-4f86-8d3b-6e9a1c0f7725"},
              "settings":{"transcript":"The kettle was singing.","maxNewTokens":1024}
              """
            : """
              "voice":"serena"},"positivePrompt":"Low and unhurried.","audioSettings":{"sampleRate":24000,"bitrate":64,"channels":1},
              "settings":{"maxNewTokens":1024}
              """;
        var text = $$$"""
            [{"taskType":"audioInference","taskUUID":"7c0d1f7e-3c56-4f0b-9b51-6f3d1c2a8e10","model":"{{{air}}}","outputFormat":"mp3","ttl":86400,
            "numberResults":2,"includeCost":true,"webhookURL":"https://hooks.example.com/speech",
            "uploadEndpoint":"https://storage.example.com/{index}.mp3?signature=4c1f","speech":{"text":"*","language":"English","speed":0.97,{{{own}}}}]
            """;
        var filler = string.Concat(Enumerable.Repeat("A few more words. ", TaskBytes));
        return Encoding.UTF8.GetBytes(text.Replace("*", filler[..(TaskBytes - text.Length + 1)], StringComparison.Ordinal));
    }

    private static ValidationFigure MeasureModel(ModelCatalog catalog, byte[] body, TimeSpan warmUp, TimeSpan length)
    {
        RunFor(catalog, body, warmUp);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Batch(catalog, body);
        var allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / PerBatch;
        var batches = RunFor(catalog, body, length);
        batches.Sort();
        return new ValidationFigure(body.Length, batches[batches.Count / 2].TotalMicroseconds / PerBatch, allocated);
    }

    private static List<TimeSpan> RunFor(ModelCatalog catalog, byte[] body, TimeSpan length)
    {
        var batches = new List<TimeSpan>();
        for (var start = Stopwatch.GetTimestamp(); batches.Count == 0 || Stopwatch.GetElapsedTime(start) < length;)
        {
            var from = Stopwatch.GetTimestamp();
            Batch(catalog, body);
            batches.Add(Stopwatch.GetElapsedTime(from));
        }

        return batches;
    }

    private static void Batch(ModelCatalog catalog, byte[] body)
    {
        for (var i = 0; i < PerBatch; i++)
        {
            var outcome = catalog.Check(StrictJson.Parse(body, maxTasks: 50).Tasks![0].Json);
            if (!outcome.IsAccepted)
            {
                throw new BenchException($"the task that is measured was refused: {outcome.Errors[0].Message}");
            }
        }
    }
}
