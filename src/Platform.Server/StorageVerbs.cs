using System.CommandLine;
using Microsoft.Extensions.Options;
using Platform.Hosting;
using Platform.Storage;

namespace Platform.Server;

/// <summary><c>storage copy</c>: takes the files of the folder to the bucket.</summary>
internal static class StorageVerbs
{
    private static readonly Option<bool> Json = Verb.Json();

    public static Command Create() => new("storage", "Where files lie.") { CreateCopy() };

    private static Command CreateCopy()
    {
        var folder = new Option<string>("--folder") { Required = true, Description = "The folder that Storage:Folder named so far." };
        var copy = new Command("copy", "Copy all files of a folder to the bucket of S3:Bucket, under the same keys. Run again, it goes on.") { folder, Json };
        copy.SetAction((given, cancellation) => CopyAsync(given.GetValue(folder)!, given.GetValue(Json), cancellation));
        return copy;
    }

    private static async Task CopyAsync(string folder, bool asJson, CancellationToken cancellation)
    {
        var options = PlatformHost.CreateBuilder([]).Configuration.GetSection(S3Options.Section).Get<S3Options>() ?? new S3Options();
        if (options.Bucket.Length == 0)
        {
            throw new VerbRefusedException("set S3:Bucket (PLATFORM_S3__BUCKET) and its address and keys first: see docs/storage.md.");
        }

        if (!Directory.Exists(folder))
        {
            throw new VerbRefusedException($"there is no folder {folder}.");
        }

        using var source = new FolderBlobs(Options.Create(new StorageOptions { Folder = folder }), TimeProvider.System);
        using var bucket = new S3Blobs(Options.Create(options), TimeProvider.System);
        if ((StorageSetup.FindFault(options) ?? await bucket.FindFaultAsync(cancellation)) is { } fault)
        {
            throw new VerbRefusedException(fault);
        }

        var (copied, present) = await new CopyBlobs(source, bucket).RunAsync(cancellation);
        Verb.Answer(asJson, new { copied, present }, $"Copied {copied} files to the bucket {options.Bucket}; {present} were there already.");
    }
}
