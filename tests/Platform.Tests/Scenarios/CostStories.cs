using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>What finance gets: <c>GET /costs</c> in every grouping and both formats, from operators' and tenants' side.</summary>
[Collection(Stories.Name)]
public sealed class CostStories(Stages stages)
{
    private const string Columns =
        "at,tenantId,tenantName,taskUUID,audioUUID,model,keyPrefix,unit,units,unitPriceMicroUsd,amountMicroUsd,priceVersion,state";

    [Theory]
    [BothModes]
    public async Task GET_costs_by_task_has_a_row_for_each_capture_of_the_ledger(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.Operator.NewCustomerAsync(name: "=Cost & Co, Ltd");
        var items = await customer.SpeakAsync(Ask.ForSpeech("Good morning.", """{"numberResults":2}"""));

        var costs = await stage.Operator.GetAsync($"costs?tenant={customer.TenantId}");

        Assert.Equal(2, costs.Items.Length);
        var row = costs.Items[0];
        Listed.Same(Columns.Split(','), [.. row.Select(field => field.Key)]);
        Listed.Same(items.Select(item => (string?)item["audioUUID"]).Order(StringComparer.Ordinal),
            costs.Items.Select(item => (string?)item["audioUUID"]).Order(StringComparer.Ordinal));
        Assert.Equal("=Cost & Co, Ltd character 13 0.5 100 2020-01-01 succeeded", string.Join(' ',
            new[] { "tenantName", "unit", "units", "unitPriceMicroUsd", "amountMicroUsd", "priceVersion", "state" }.Select(name => row[name])));
        Assert.StartsWith((string)row["keyPrefix"]!, customer.Key, StringComparison.Ordinal);
    }

    [Theory]
    [BothModes]
    public async Task GET_costs_as_csv_has_the_same_rows_and_no_formulas(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.Operator.NewCustomerAsync(name: "=Cost & Co, Ltd");
        await customer.SpeakAsync(Ask.ForSpeech("Good morning.", """{"numberResults":2}"""));
        var json = await stage.Operator.GetAsync($"costs?tenant={customer.TenantId}&groupBy=task");

        var csv = await stage.Operator.GetAsync($"costs?tenant={customer.TenantId}&format=csv");

        Assert.Equal("text/csv", csv.ContentType);
        Listed.Same(
            [Columns, .. json.Items.Select(row => string.Join(',', row.Select(
                field => field.Key == "tenantName" ? "\"'=Cost & Co, Ltd\"" : field.Value!.ToString())))],
            csv.Text.TrimEnd().Split("\r\n"));
    }

    [Theory]
    [BothModes("day", "day")]
    [BothModes("model", "model")]
    [BothModes("key", "keyPrefix")]
    public async Task GET_costs_sums_up_to_what_the_balance_lost(Mode mode, string groupBy, string column)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.Operator.NewCustomerAsync(credit: 10_000);
        await customer.SpeakAsync(Ask.ForSpeech("Good morning.", """{"numberResults":2}"""));
        await customer.SpeakAsync(Ask.ForSpeech(new string('a', 201)));

        var sum = Assert.Single((await stage.Operator.GetAsync($"costs?tenant={customer.TenantId}&groupBy={groupBy}")).Items);

        Listed.Same([column, "tenantId", "tenantName", "results", "units", "amountMicroUsd"], [.. sum.Select(field => field.Key)]);
        Assert.Equal("3 227 400", $"{sum["results"]} {sum["units"]} {sum["amountMicroUsd"]}");
        var balance = await stage.Operator.GetAsync($"tenants/{customer.TenantId}/balance");
        Assert.Equal(10_000 - 400, (long)balance.Json["balance"]!);
        var csv = await stage.Operator.GetAsync($"costs?tenant={customer.TenantId}&groupBy={groupBy}&format=csv");
        Assert.EndsWith(",3,227,400\r\n", csv.Text, StringComparison.Ordinal);
    }

    [Theory]
    [BothModes]
    public async Task GET_costs_of_a_period_takes_from_and_leaves_to(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.Operator.NewCustomerAsync();
        await customer.SpeakAsync(Ask.ForSpeech());
        var path = $"costs?tenant={customer.TenantId}";
        var at = (string)(await stage.Operator.GetAsync(path)).Items[0]["at"]!;

        Assert.Single((await stage.Operator.GetAsync($"{path}&from={at}")).Items);
        Assert.Empty((await stage.Operator.GetAsync($"{path}&to={at}")).Items);
    }

    [Theory]
    [BothModes]
    public async Task Costs_of_a_forgotten_task_are_explained_as_before(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.Operator.NewCustomerAsync();
        await customer.SpeakAsync(Ask.ForSpeech("Good morning."));
        var path = $"costs?tenant={customer.TenantId}";
        var before = await stage.Operator.GetAsync(path);

        // What retention does after 30 days.
        await stage.ChangeAsync(
            """
            with billed as (
                insert into billed_tasks select task_id, key_id, state, price_version, units, micro_usd_per_million from tasks where tenant_id = $1),
            results as (delete from task_results where task_id in (select task_id from tasks where tenant_id = $1))
            delete from tasks where tenant_id = $1
            """,
            customer.TenantId);

        Assert.Equal(before.Text, (await stage.Operator.GetAsync(path)).Text);
    }

    [Theory]
    [BothModes]
    public async Task Everybody_together_is_in_the_costs_of_all_tenants(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var (one, other) = (await stage.Operator.NewCustomerAsync(), await stage.Operator.NewCustomerAsync());
        await one.SpeakAsync(Ask.ForSpeech());
        await other.SpeakAsync(Ask.ForSpeech());

        const string count = "select count(*) from ledger_entries where kind in ('capture', 'refund')";
        var before = await stage.AskAsync<long>(count);
        var all = (await stage.Operator.GetAsync("costs")).Items.Select(row => (string)row["tenantId"]!).ToList();

        Assert.Contains(one.TenantId.ToString(), all, StringComparer.Ordinal);
        Assert.Contains(other.TenantId.ToString(), all, StringComparer.Ordinal);
        Assert.InRange(all.Count, before, await stage.AskAsync<long>(count));
    }
}
