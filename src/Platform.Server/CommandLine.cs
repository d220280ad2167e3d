using System.CommandLine;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Npgsql;
using Platform.Hosting;
using Platform.Hosting.Doctor;
using Platform.Persistence;
using Platform.Persistence.Embedded;
using Platform.Tenants;

namespace Platform.Server;

/// <summary>The verbs. What a verb does is in the platform; here it is only named and its outcome shown.</summary>
/// <remarks>Ends with 0 when it was done, 1 when it was refused or failed (the reason is on stderr), 2 when it was asked wrongly, 130 on Ctrl-C.</remarks>
internal static class CommandLine
{
    private const int WrongUsage = 2;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var root = new RootCommand("A multi-tenant platform for asynchronous inference tasks, speech first.")
        {
            ServeVerb(arguments),
            MigrateVerb.Create(),
            TaskVerbs.Create(),
            QueueVerbs.CreateQueue(),
            QueueVerbs.CreateWorkers(),
            TenantVerbs.Create(),
            KeyVerbs.Create(),
            CreditVerbs.Create(),
            WebhookVerbs.Create(),
            DoctorVerb.Create(),
            BackupVerbs.CreateBackup(),
            BackupVerbs.CreateRestore(),
            VoiceVerbs.Create(),
            ConsentVerbs.Create(),
            DemoVerb.Create(),
            HealthVerb.Create(),
            FinanceVerbs.Costs(),
            FinanceVerbs.Statement(),
            PriceVerbs.Create(),
            StorageVerbs.Create(),
            ReconcileVerb.Create(),
            PaymentVerbs.Create(),
            UsageVerbs.Create(),
            AuditVerbs.Create(),
        };
        try
        {
            var parsed = root.Parse(arguments);
            var exitCode = await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
            return parsed.Errors.Count > 0 ? WrongUsage : exitCode;
        }
        catch (Exception fault) when (fault is StartupException or EmbeddedPostgresException or MigrationRefusedException
            or VerbRefusedException or BackupRefusedException or ArgumentException or KeyNotFoundException or InvalidDataException
            or TenantErasedException)
        {
            await Console.Error.WriteLineAsync($"error: {fault.Message}");
            return 1;
        }
        catch (Exception fault) when (fault is IOException { InnerException: AddressInUseException } or SocketException)
        {
            await Console.Error.WriteLineAsync(
                $"error: cannot listen ({fault.Message}). Name another address by --urls, or, with './dev run', another port by PORT=5081.");
            return 1;
        }
        catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.QueryCanceled)
        {
            await Console.Error.WriteLineAsync(
                "error: the database ended the statement, which took too long or was cancelled. Ask for less (--limit, --state), or again.");
            return 1;
        }
        catch (NpgsqlException fault)
        {
            var finding = DatabaseChecks.Explain(fault);
            await Console.Error.WriteLineAsync($"error: {finding.Text} {finding.Fix}");
            return 1;
        }
        catch (Exception fault) when (DatabaseRetry.MayPass(fault))
        {
            await Console.Error.WriteLineAsync($"error: the database does not answer ({fault.Message}). Check Database:ConnectionString and try again.");
            return 1;
        }
        catch (OperationCanceledException)
        {
            return 130;
        }
    }

    private static Command ServeVerb(string[] arguments)
    {
        var serve = new Command("serve", "Run the platform: all roles in one process, or those that --roles names.")
        {
            new Option<string>("--roles") { Description = "api, worker, scheduler in any mix, separated by commas. Default: all." },
            new Option<string>("--urls") { Description = "Where to listen. Default: http://127.0.0.1:5080." },
            new Option<string>("--data") { Description = "Folder for what this process keeps. Default: ./data." },
        };

        // Any setting of appsettings.json can be given as --Section:Name value.
        serve.TreatUnmatchedTokensAsErrors = false;
        serve.SetAction(async (_, _) => await ServePlatform.RunAsync(arguments[1..]));
        return serve;
    }
}
