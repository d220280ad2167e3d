namespace Platform.Hosting;

/// <summary>What a process does. All of it by default; any mix by <c>--roles</c>.</summary>
[Flags]
internal enum Roles
{
    None = 0,

    /// <summary>Serves customers.</summary>
    Api = 1,

    /// <summary>Runs tasks.</summary>
    Worker = 2,

    /// <summary>Sweeps: rescue, expiry, retention.</summary>
    Scheduler = 4,

    All = Api | Worker | Scheduler,
}

/// <summary>Reads the setting.</summary>
internal static class RoleNames
{
    /// <summary>A comma-separated list such as <c>api,worker</c>; empty means all.</summary>
    /// <exception cref="StartupException">A name that is no role.</exception>
    public static Roles Parse(string? list)
    {
        var roles = Roles.None;
        foreach (var name in (list ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            roles |= Enum.TryParse<Roles>(name, ignoreCase: true, out var role) && role != Roles.None && !int.TryParse(name, out _)
                ? role
                : throw new StartupException($"'{name}' is no role. Roles are api, worker and scheduler, in any mix, such as --roles api,worker.");
        }

        return roles == Roles.None ? Roles.All : roles;
    }
}
