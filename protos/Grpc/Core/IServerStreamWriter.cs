namespace Grpc.Core;

/// <summary>The response stream in a server's handler; it ends when the handler returns.</summary>
public interface IServerStreamWriter<in T> : IAsyncStreamWriter<T>
{
}
