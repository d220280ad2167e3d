namespace Platform.Storage;

/// <summary>Why a medium was not taken.</summary>
internal enum MediumFault
{
    /// <summary>Not what it should be: form, address, format or length.</summary>
    Invalid,

    /// <summary>The tenant has no medium of this UUID.</summary>
    NotFound,
    DownloadFailed,

    /// <summary>The file is larger than it may be.</summary>
    TooLarge,

    /// <summary>The tenant keeps as much as it may.</summary>
    NoRoom,

    /// <summary>Too many are being taken in at the moment.</summary>
    Busy,

    /// <summary>The upload's taskUUID names another medium already.</summary>
    Conflict,
}

/// <param name="Reason">Completes "'media' ...".</param>
internal sealed record MediumRefusal(MediumFault Fault, string Reason);

/// <summary>A medium of a tenant whose bytes are stored.</summary>
internal sealed record StoredMedium(Guid MediaUuid, string BlobKey)
{
    /// <summary>Without the dot.</summary>
    public string Extension => Path.GetExtension(BlobKey)[1..];
}

/// <summary>A medium, or why there is none.</summary>
internal readonly record struct TakenMedium(StoredMedium? Medium, MediumRefusal? Refusal)
{
    public static TakenMedium Refused(MediumFault fault, string reason) => new(null, new MediumRefusal(fault, reason));
}
