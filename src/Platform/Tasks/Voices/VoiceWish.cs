using Platform.Catalog;
using Platform.Tenants.Voices;

namespace Platform.Tasks.Voices;

/// <summary>A voice that a tenant wants to have: cloned from a recording, or designed from a description.</summary>
internal sealed record VoiceWish
{
    public required Guid TenantId { get; init; }

    public required string Actor { get; init; }

    public required string Name { get; init; }

    /// <summary>The AIR of the model that is to speak with it.</summary>
    public required string Model { get; init; }

    /// <summary>The recording: a stored medium's UUID, a URL, a data URI or base64.</summary>
    public string? Audio { get; init; }

    public string? Transcript { get; init; }

    public string? Description { get; init; }

    public string? Language { get; init; }

    /// <summary>Recorded with the voice, about the voice.</summary>
    public ConsentDraft? Consent { get; init; }
}

/// <summary>The voice, or why there is none.</summary>
internal readonly record struct VoiceMade(TenantVoice? Voice, TaskError? Error);
