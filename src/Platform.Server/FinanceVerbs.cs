using System.CommandLine;
using System.IO.Pipelines;
using System.Text;
using Platform.Api.Lists;
using Platform.Ledger;
using Platform.Ledger.Statements;

namespace Platform.Server;

/// <summary><c>costs export</c> and <c>statement</c>: what finance takes away.</summary>
internal static class FinanceVerbs
{
    private static readonly Option<string?> Out = new("--out") { Description = "File to write. Default: the terminal." };

    public static Command Costs()
    {
        var tenant = new Option<Guid?>("--tenant") { Description = "This tenant alone. Default: all." };
        var from = new Option<string?>("--from") { Description = "ISO 8601, such as 2026-11-01." };
        var to = new Option<string?>("--to") { Description = "ISO 8601; not part of it." };
        var group = new Option<CostGroup?>("--group-by") { Description = "Sum up by day, model or key. Default: a row for each charge." };
        var format = new Option<CostsFormat>("--format") { Description = "csv, json or focus.", DefaultValueFactory = static _ => CostsFormat.Csv };
        var export = Verb.Make("export", "Write what was charged, as GET /admin/v1/costs does.", [tenant, from, to, group, format, Out],
            async (services, given, cancellation) =>
            {
                var period = new Period(
                    Verb.Instant("--from", given.GetValue(from)) ?? Period.All.From, Verb.Instant("--to", given.GetValue(to)) ?? Period.All.To);
                var query = new CostsQuery(period, given.GetValue(tenant), given.GetValue(group), given.GetValue(format));
                await WriteAsync(given, async output =>
                {
                    var pipe = PipeWriter.Create(output, new StreamPipeWriterOptions(leaveOpen: true));
                    await CostsFile.WriteAsync(services.Get<ReadCosts>(), query, pipe, static () => { }, cancellation);
                    await pipe.CompleteAsync();
                });
            });
        return new Command("costs", "What was charged, for finance.") { export };
    }

    public static Command Statement()
    {
        var tenant = Verb.Tenant();
        var month = new Option<string>("--month") { Required = true, Description = "Such as 2026-11." };
        var format = new Option<string>("--format") { Description = "csv or html.", DefaultValueFactory = static _ => "csv" };
        format.AcceptOnlyFromAmong("csv", "html");
        return Verb.Make("statement", "A month of a tenant's account, to be filed or printed.", [tenant, month, format, Out],
            async (services, given, cancellation) =>
            {
                var read = services.Get<ReadStatement>();
                var period = read.MonthOf(given.GetValue(month)!) ?? throw new VerbRefusedException("--month is one that has begun, such as 2026-11.");
                var statement = await read.FindForTenantAsync(given.GetValue(tenant), period, cancellation)
                    ?? throw new KeyNotFoundException($"There is no tenant {given.GetValue(tenant)}: 'tenants list' shows all.");
                await WriteAsync(given, async output =>
                {
                    if (given.GetValue(format) == "html")
                    {
                        await output.WriteAsync(Encoding.UTF8.GetBytes(StatementPage.Render(statement)), cancellation);
                    }
                    else
                    {
                        await StatementText.WriteCsvAsync(statement, output, cancellation);
                    }
                });
            });
    }

    private static async Task WriteAsync(ParseResult given, Func<Stream, Task> write)
    {
        if (given.GetValue(Out) is not { Length: > 0 } path)
        {
            await using var terminal = Console.OpenStandardOutput();
            await write(terminal);
            return;
        }

        // Under another name until it is whole, so that nobody takes half an export for all of it.
        var unfinished = path + ".part";
        await using (var file = File.Create(unfinished))
        {
            await write(file);
        }

        File.Move(unfinished, path, overwrite: true);
        await Console.Error.WriteLineAsync($"Wrote {path}");
    }
}
