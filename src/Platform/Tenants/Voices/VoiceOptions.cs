using System.ComponentModel.DataAnnotations;

namespace Platform.Tenants.Voices;

/// <summary>Voices of tenants' own, and what holds for tenants for which the operator has set nothing else.</summary>
internal sealed class VoiceOptions
{
    public const string Section = "Voices";

    /// <summary>Whether recordings and cloned voices need a consent that is in force.</summary>
    public bool RequireConsent { get; set; }

    /// <summary>Whether results say in their metadata that a machine made them.</summary>
    public bool MarkAudio { get; set; }

    /// <summary>Voices that a tenant may have made at a provider.</summary>
    [Range(0, 100_000, ErrorMessage = "must be from 0 to 100000")]
    public int MaxPerTenant { get; set; } = 100;

    /// <summary>
    /// Voices that a tenant may have made in 24 hours, those that it deleted since included: each is work of the provider that costs the tenant
    /// nothing.
    /// </summary>
    [Range(0, 100_000, ErrorMessage = "must be from 0 to 100000")]
    public int MaxPerTenantADay { get; set; } = 200;

    /// <summary>How long making a voice may take, in seconds.</summary>
    [Range(1, 600, ErrorMessage = "must be from 1 to 600")]
    public double MakeSeconds { get; set; } = 90;

    /// <summary>How often providers are told to forget deleted voices, in seconds.</summary>
    [Range(1, 86_400, ErrorMessage = "must be from 1 to 86400")]
    public double SweepSeconds { get; set; } = 60;
}
