namespace Platform.Delivery.Webhooks;

/// <summary>What a signature is made for.</summary>
/// <param name="Timestamp">When this attempt was made; a receiver refuses what is more than minutes old.</param>
internal sealed record SignedMessage(Guid TenantId, Guid WebhookId, DateTimeOffset Timestamp)
{
    /// <summary>As the header shows it: the same for all attempts and replays.</summary>
    public string Id => IdOf(WebhookId);

    public static string IdOf(Guid webhookId) => $"msg_{webhookId:N}";
}

/// <summary>Signs a body with the tenant's active secrets and posts it once. Without a secret, which only an erased tenant lacks, nothing goes out.</summary>
internal sealed class SignedPost(WebhookSecrets secrets, WebhookCall call)
{
    public async Task<AttemptOutcome> RunAsync(SignedMessage message, Uri url, WebhookBody body)
    {
        var active = await secrets.OfTenantAsync(message.TenantId);
        if (active.Count == 0)
        {
            return AttemptOutcome.Unsigned;
        }

        var signature = await WebhookSignature.OfAsync(message.Id, message.Timestamp, body, active, CancellationToken.None);
        return await call.PostAsync(message.TenantId, url, body, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [WebhookSignature.IdHeader] = message.Id,
            [WebhookSignature.TimestampHeader] = WebhookSignature.TextOf(message.Timestamp),
            [WebhookSignature.SignatureHeader] = signature,
        });
    }
}
