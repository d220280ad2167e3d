using System.ComponentModel.DataAnnotations;

namespace Platform.Ledger.Reconciliation;

/// <summary>The nightly reconciliation.</summary>
internal sealed class ReconcileOptions
{
    public const string Section = "Reconcile";

    /// <summary>The hour of the day, UTC, from which the night's reconciliation is made by a scheduler. -1: never.</summary>
    [Range(-1, 23)]
    public int NightlyHour { get; set; } = 2;

    /// <summary>Whole days before the night that it covers.</summary>
    [Range(1, 400)]
    public int NightlyDays { get; set; } = 2;

    /// <summary>Folder that gets each night's report as JSON, CSV and a page. Empty: reports are kept in the database alone.</summary>
    public string Folder { get; set; } = "";
}
