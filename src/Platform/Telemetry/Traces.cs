using System.Diagnostics;

namespace Platform.Telemetry;

/// <summary>Where all spans of the platform begin. None of them carries text, a prompt, a key or a secret.</summary>
internal static class Traces
{
    public const string SourceName = "Platform";

    public static readonly ActivitySource Source = new(SourceName);

    /// <summary>Marks a span as failed, by a short code and never by a message: messages may say more than a trace should.</summary>
    public static void Fail(this Activity? span, string code)
    {
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag("error.type", code);
            span.SetStatus(ActivityStatusCode.Error, code);
        }
    }
}
