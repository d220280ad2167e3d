using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using Platform.Ledger.Reconciliation;
using Stripe;

namespace Platform.Ledger.Stripe;

/// <summary>Compares a period of our books with Stripe's.</summary>
internal delegate Task<List<Difference>> Compare(Period period, CancellationToken cancellation);

/// <summary>A check against Stripe: without a key there is nothing to compare, and a Stripe that does not answer is a check that failed.</summary>
internal sealed class StripeCheck(string name, string question, StripeAccess stripe, Compare compare) : IBookCheck
{
    public string Name => name;

    public string Question => question;

    public string? LeftOut => stripe.IsConfigured ? null : "Stripe is not configured";

    public async IAsyncEnumerable<Difference> FindAsync(Period period, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var difference in stripe.IsConfigured ? await CompareAsync(period, cancellation) : [])
        {
            yield return difference;
        }
    }

    private async Task<List<Difference>> CompareAsync(Period period, CancellationToken cancellation)
    {
        try
        {
            return await compare(period, cancellation);
        }
        catch (StripeException fault)
        {
            throw new InvalidDataException($"Stripe: {StripeFault.CodeOf(fault)}", fault);
        }
    }
}

/// <summary>Which part of a period is compared with Stripe: what is too young may be on its way still.</summary>
internal sealed class ComparedTime(IOptions<StripeOptions> options, TimeProvider time)
{
    public Period Of(Period period)
    {
        var young = time.GetUtcNow() - TimeSpan.FromSeconds(options.Value.CompareAfterSeconds);
        return period.To <= young ? period : period with { To = young < period.From ? period.From : young };
    }

    /// <summary>As the lists of Stripe are asked.</summary>
    public static DateRangeOptions Created(Period period) => new()
    {
        GreaterThanOrEqual = period.From.UtcDateTime,
        // Stripe counts whole seconds: the last one that began before the end.
        LessThanOrEqual = period.To.UtcDateTime.AddTicks(-1),
    };
}
