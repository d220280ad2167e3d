using Platform.Delivery.Webhooks;

namespace Platform.Api.Lists;

/// <summary>The list of webhooks, as operators and tenants ask for it: <c>state</c>, <c>cursor</c>, <c>limit</c>.</summary>
internal sealed record WebhookQuery(string? State, WebhookPlace? After, int Limit)
{
    private const string List = "webhooks";

    /// <summary>Each comes with up to 16 answers of a kilobyte.</summary>
    private const int LargestPage = 100;

    public static WebhookQuery Read(IQueryCollection query, out IReadOnlyList<FieldFault> faults)
    {
        var fields = new QueryFields(query);
        var read = new WebhookQuery(
            fields.OneOf("state", ListWebhooks.States), fields.Cursor<WebhookPlace>(List), fields.Limit(LargestPage));
        faults = fields.Faults;
        return read;
    }

    public async Task<Page<WebhookView>> RunAsync(ListWebhooks list, Guid tenantId, CancellationToken cancellation)
    {
        var rows = await list.ForTenantAsync(tenantId, State, After, Limit + 1, cancellation);
        return Page.Of(rows, Limit, List, static row => row, static row => new WebhookPlace(row.CreatedAt, row.WebhookId).ToString());
    }
}
