using System.Diagnostics;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Platform.Ledger;
using Platform.Ledger.Reconciliation;
using Platform.Persistence;
using Platform.Tasks;

namespace Platform.Bench.Soak;

/// <summary>
/// A seeded soak: random tasks, failures, cancels, crashes, doubled messages, clock jumps and killed connections, several at a time; and at its end the
/// reconciliation of all books.
/// </summary>
internal static class SoakRun
{
    public static async Task<SoakFigures> RunAsync(string connectionString, SoakPlan plan, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        var figures = new SoakFigures();
        await using var database = new Database(connectionString, maxConnections: 20);
        await using var services = SoakServices.Compose(database);
        var bus = services.GetRequiredService<IBusControl>();
        await bus.StartAsync(cancellation);
        var world = new SoakWorld(services, plan, figures);
        await world.BeginAsync(cancellation);
        await Task.WhenAll(Enumerable.Range(0, plan.Actors).Select(actor => Task.Run(
            () => ActAsync(world, plan, figures, actor, cancellation), cancellation)));
        await world.DrainAsync(new Random(plan.Seed), cancellation);
        await ReconcileAsync(services, figures, cancellation);
        await bus.StopAsync(cancellation);
        figures.Seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return figures;
    }

    private static async Task ActAsync(
        SoakWorld world, SoakPlan plan, SoakFigures figures, int actor, CancellationToken cancellation)
    {
        var random = new Random(plan.Seed + (actor * 7919));
        var nextDisaster = plan.TasksPerDisaster;
        while (figures.Accepted < plan.Tasks)
        {
            try
            {
                if (actor == 0 && plan.Disaster is { } disaster && figures.Accepted >= nextDisaster)
                {
                    nextDisaster += plan.TasksPerDisaster;
                    await disaster(cancellation);
                    figures.Disasters++;
                }

                await StepAsync(world, plan, random, cancellation);
            }
            catch (Exception fault) when (fault is AcceptanceUnknownException || DatabaseRetry.MayPass(fault) || IsCut(fault))
            {
                // A caller that was told nothing: whatever became of it, the books must agree.
            }
        }
    }

    private static Task StepAsync(SoakWorld world, SoakPlan plan, Random random, CancellationToken cancellation) => random.Next(400) switch
    {
        0 when plan.KillsConnections => world.KillConnectionAsync(cancellation),
        <= 1 => world.JumpAsync(random, cancellation),
        <= 5 => world.RescueAsync(cancellation),
        <= 15 => world.CancelAsync(random),
        <= 25 => world.ComeBackLateAsync(random),
        <= 40 => world.BookAsync(random, cancellation),
        <= 220 => world.WorkAsync(random, cancellation),
        _ => Task.WhenAll(Enumerable.Range(0, random.Next(1, 5)).Select(_ => world.SubmitAsync(random))),
    };

    // EF wraps what the driver throws.
    private static bool IsCut(Exception fault) => fault.InnerException is { } inner && (DatabaseRetry.MayPass(inner) || IsCut(inner));

    private static async Task ReconcileAsync(IServiceProvider services, SoakFigures figures, CancellationToken cancellation)
    {
        var report = await services.GetRequiredService<Reconcile>().RunAsync(Period.All, "soak", cancellation);
        figures.Differences = report.Differences;
        figures.FailedChecks = report.FailedChecks;
        var shown = report.Checks.SelectMany(static check => check.Differences).Take(10);
        figures.Found = string.Join("; ", shown.Select(static one => $"{one.Kind} {one.Subject}: expected {one.Expected}, found {one.Found}"));
    }
}
