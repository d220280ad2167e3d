using Platform.Catalog;
using Platform.Ledger;
using Platform.Pricing;

namespace Platform.Tasks;

/// <summary>
/// Step 3 of the walk: what one result of a task costs at the most. The tenant's own price goes before the book's. It waits for nobody, but for the first task
/// of a tenant's day where the price has volume tiers.
/// </summary>
internal sealed class QuoteTask(PriceBook book, PriceOverrides overrides, VolumeMarks marks)
{
    private const decimal TokensPerSecond = 12.5m;

    public async ValueTask<Quote> RunAsync(Guid tenantId, SpeechSpec spec, DateTimeOffset at)
    {
        var line = overrides.Find(tenantId, spec.Model, at) ?? book.Find(spec.Model, at);
        var work = new PricedWork(spec.TextLength, LongestSecondsOf(spec));
        if (line.Price.Tiers.Count == 0)
        {
            return PriceBook.QuoteOf(line, work);
        }

        // Not the caller's to cancel: others wait for the same mark.
        var monthToDate = await marks.FindForTenantAsync(tenantId, PriceBook.NameOf(line.Price.Unit), at, CancellationToken.None);
        return PriceBook.QuoteOf(line, work, monthToDate);
    }

    /// <summary>As much as the model may emit, stretched as the speed asks for.</summary>
    public static long LongestSecondsOf(SpeechSpec spec) => (long)Math.Ceiling(spec.MaxNewTokens / TokensPerSecond / Math.Max(spec.Speed, 0.01m));
}
