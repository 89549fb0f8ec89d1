using Dreamer.Agents.Checkpoints;
using Dreamer.Environments;
using Dreamer.Experience;
using Dreamer.Hosting.Programs;
using Dreamer.Learner;
using Dreamer.Remote;
using Dreamer.Reporting;

EnvironmentRegistry.Add(new RemoteScheme());
return await ServiceProgram.RunAsync(args, "learner.health_listen", LearnerHost.RunAsync, error => error
    is CheckpointException or CheckpointMismatchException or LogdirInUseException or UnknownEnvironmentException
    or StoreUnavailableException or SchemaMismatchException);
