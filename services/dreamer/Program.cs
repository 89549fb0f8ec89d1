using Dreamer.Commands;
using Dreamer.Environments;
using Dreamer.Hosting.Programs;
using Dreamer.Remote;

EnvironmentRegistry.Add(new RemoteScheme());
return await ProgramRunner.RunAsync(cancellation => CommandLine.RunAsync(args, cancellation));
