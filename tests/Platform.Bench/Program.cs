using System.Runtime.InteropServices;
using Platform.Bench.Report;
using Platform.Bench.Speech;

namespace Platform.Bench;

/// <summary>The entry point: arguments, signals, exit code. Exits with 0 only when every accepted task was accounted for.</summary>
internal static class BenchProgram
{
    private static async Task<int> Main(string[] arguments)
    {
        var isSpeechServer = arguments is [SpeechServerProgram.Verb, ..];
        var options = isSpeechServer ? new BenchOptions() : BenchOptions.Parse(arguments);
        if (options is null)
        {
            Console.Error.WriteLine(BenchOptions.Usage);
            return 2;
        }

        using var stop = new CancellationTokenSource();
        PosixSignal[] signals = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP];
        var registrations = Array.ConvertAll(signals, signal => PosixSignalRegistration.Create(signal, context =>
        {
            // What was started has to be stopped first; the run ends by itself once it sees the cancellation.
            context.Cancel = true;
            stop.Cancel();
        }));
        try
        {
            return isSpeechServer ? await SpeechServerProgram.RunAsync(arguments[1..], stop.Token) : await RunAsync(options, stop.Token);
        }
        catch (BenchException fault)
        {
            Console.Error.WriteLine(fault.Message);
            return 1;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Console.Error.WriteLine("stopped");
            return 130;
        }
        finally
        {
            Array.ForEach(registrations, registration => registration.Dispose());
        }
    }

    private static async Task<int> RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        var figures = new Figures
        {
            At = TimeProvider.System.GetUtcNow(),
            IsQuick = options.IsQuick,
            Processors = Environment.ProcessorCount,
            FileSystem = new DriveInfo(Path.GetFullPath(options.Folder)).DriveFormat,
        };
        var run = new BenchRun(options, figures, Console.Out);
        run.MeasureAlone();
        if (options.NeedsServers)
        {
            await RunWithServersAsync(options, run, cancellation);
        }

        Console.WriteLine(Table.Render(figures));
        Console.WriteLine($"written to {await ResultFile.WriteAsync(figures, cancellation)}");
        return figures.Faults.Count == 0 ? 0 : 1;
    }

    private static async Task RunWithServersAsync(BenchOptions options, BenchRun run, CancellationToken cancellation)
    {
        Console.WriteLine("starting PostgreSQL and RabbitMQ ...");
        await using var stage = await BenchStage.StartAsync(options, cancellation);
        if (options.KeepsFolder)
        {
            Console.WriteLine($"everything is in {stage.Folder}");
        }

        await run.GoAsync(stage, cancellation);
    }
}
