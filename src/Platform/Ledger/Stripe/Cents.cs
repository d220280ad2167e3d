namespace Platform.Ledger.Stripe;

/// <summary>Stripe counts USD in cents, the ledger in micro-USD.</summary>
internal static class Cents
{
    public const long MicroUsd = 10_000;

    /// <summary>The only currency that is taken, as Stripe spells it.</summary>
    public const string Currency = "usd";

    public static long ToMicroUsd(long cents) => checked(cents * MicroUsd);

    /// <summary>Whole cents: amounts of payments are made of them.</summary>
    public static long Of(long microUsd) => microUsd / MicroUsd;
}
