namespace Platform.Api;

/// <summary>A task type and what answers it; the dispatcher's table is made of these.</summary>
internal sealed record TaskRoute(string TaskType, TaskHandler Handle);

/// <summary>Registers the handlers of task types.</summary>
internal static class TaskRoutes
{
    public static void AddTaskType<THandler>(this IServiceCollection services, string taskType, Func<THandler, TaskHandler> handle)
        where THandler : class
    {
        services.AddSingleton<THandler>();
        services.AddSingleton(provider => new TaskRoute(taskType, handle(provider.GetRequiredService<THandler>())));
    }

    /// <summary>Those that need nothing.</summary>
    public static void AddPlainTaskTypes(this IServiceCollection services)
    {
        services.AddSingleton(new TaskRoute(
            RateGate.Authentication, static (_, _) => Task.FromResult(TaskReply.Of(SmallItems.Authentication()))));
        services.AddSingleton(new TaskRoute(RateGate.Ping, static (_, _) => Task.FromResult(TaskReply.Of(SmallItems.Pong))));
    }
}
