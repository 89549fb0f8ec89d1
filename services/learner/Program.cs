using Dreamer.Environments;
using Dreamer.Hosting.Programs;
using Dreamer.Learner;
using Dreamer.Remote;

EnvironmentRegistry.Add(new RemoteScheme());
return await ServiceProgram.RunAsync(args, "learner.health_listen", LearnerHost.RunAsync);
