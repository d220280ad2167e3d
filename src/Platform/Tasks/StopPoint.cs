namespace Platform.Tasks;

/// <summary>
/// The boundaries between two steps of the walk, by name. The crash tests kill real processes exactly there, which no timing could hit:
/// a process that finds one of these names in <c>PLATFORM_TEST_STOPAT</c> says so and stands still at it until it is killed.
/// Without the variable, as everywhere but in those tests, reaching a point costs one comparison.
/// </summary>
internal static class StopPoint
{
    public const string Variable = "PLATFORM_TEST_STOPAT";

    public const string Accepting = "accepting";
    public const string Accepted = "accepted";
    public const string Announced = "announced";
    public const string Claimed = "claimed";
    public const string Spoken = "spoken";
    public const string Encoded = "encoded";
    public const string Stored = "stored";
    public const string Uploaded = "uploaded";
    public const string Settled = "settled";
    public const string Told = "told";

    private static readonly string? Wanted = Environment.GetEnvironmentVariable(Variable);

    public static ValueTask ReachAsync(string step) => Wanted is null || Wanted != step ? default : StandStillAsync(step);

    private static async ValueTask StandStillAsync(string step)
    {
        Console.WriteLine($"Stopped at {step}");
        await Task.Delay(Timeout.Infinite, CancellationToken.None);
    }
}
