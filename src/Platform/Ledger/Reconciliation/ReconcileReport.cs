using System.Text.Json.Serialization;

namespace Platform.Ledger.Reconciliation;

/// <summary>What one check found.</summary>
/// <param name="Count">All differences; the list has the first of them.</param>
/// <param name="Repaired">Differences that an operator has dealt with, which are not counted.</param>
/// <param name="Fault">Why the check could not be made; null where it was.</param>
internal sealed record CheckOutcome(
    string Name, string Question, long Count, long Repaired, double Seconds, string? Fault, IReadOnlyList<Difference> Differences)
{
    /// <summary>Why nothing was compared, though nothing is wrong (<see cref="IBookCheck.LeftOut"/>). Null in reports from before 2026-11-29, too.</summary>
    public string? LeftOut { get; init; }
}

/// <summary>The comparison of all books over a period.</summary>
internal sealed record ReconcileReport(
    Guid ReconciliationId, DateTimeOffset From, DateTimeOffset To, DateTimeOffset At, double Seconds, IReadOnlyList<CheckOutcome> Checks)
{
    public long Differences => Checks.Sum(static check => check.Count);

    public int FailedChecks => Checks.Count(static check => check.Fault is not null);

    /// <summary>Every check was made, and none found anything.</summary>
    [JsonPropertyOrder(-1)]
    public bool IsClean => Differences == 0 && FailedChecks == 0;
}
