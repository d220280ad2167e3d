using Platform.Server;

return await CommandLine.RunAsync(args);
