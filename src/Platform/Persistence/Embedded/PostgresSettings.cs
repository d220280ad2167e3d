namespace Platform.Persistence.Embedded;

/// <summary>The server's command line: tuned for a laptop or a small server, and silent about the data it holds.</summary>
internal static class PostgresSettings
{
    private static readonly Dictionary<string, string> Tuned = new(StringComparer.Ordinal)
    {
        ["listen_addresses"] = "",
        ["unix_socket_permissions"] = "0700",
        ["max_connections"] = "100",
        ["shared_buffers"] = "128MB",
        ["wal_compression"] = "on",
        ["max_wal_size"] = "1GB",
        // Accepted work and money must survive a power cut: a reply is only sent after the commit is on the disk.
        ["fsync"] = "on",
        ["synchronous_commit"] = "on",
        // Compiling a plan costs more than any statement here runs.
        ["jit"] = "off",
        ["max_logical_replication_workers"] = "0",
        ["timezone"] = "UTC",
        ["log_timezone"] = "UTC",
        ["log_checkpoints"] = "off",
        ["log_line_prefix"] = "%m [%p] ",
        // The start is recognised by a sentence of the log, so its language must not follow the machine's.
        ["lc_messages"] = "C",
        // Statements, their parameters and the DETAIL of an error may hold customers' texts, which never reach a log.
        ["log_min_error_statement"] = "panic",
        ["log_error_verbosity"] = "terse",
        ["log_parameter_max_length"] = "0",
        ["log_parameter_max_length_on_error"] = "0",
    };

    /// <summary>What the person's own shell may hold for other databases and would mislead this one.</summary>
    public static IReadOnlyDictionary<string, string?> Environment { get; } = new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["LC_ALL"] = "C",
        ["PGDATA"] = null,
        ["PGPORT"] = null,
        ["PGOPTIONS"] = null,
    };

    public static List<string> CommandLine(
        PostgresBinaries binaries, string cluster, string socketFolder, IReadOnlyDictionary<string, string> overrides)
    {
        List<string> line = [binaries.Server, "-D", cluster, "-k", socketFolder, "-p", SocketFolder.Port];
        foreach (var (name, value) in Tuned.Where(one => !overrides.ContainsKey(one.Key)).Concat(overrides))
        {
            line.AddRange(["-c", $"{name}={value}"]);
        }

        return line;
    }
}
