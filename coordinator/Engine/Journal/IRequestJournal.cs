namespace Cluster.Coordinator.Engine.Journal;

/// <summary>
/// What is needed to go on with the texts under way if whoever continues them is lost: prompts, how tokens are chosen, and the tokens so
/// far. Everything else follows from these. Kept in memory; a store can implement it for a coordinator that takes over. Called by
/// the engine's loop for every token, so that it must neither wait nor allocate by the call.
/// </summary>
internal interface IRequestJournal
{
    /// <summary>A text is to be continued.</summary>
    /// <param name="text">Names it until its end.</param>
    /// <param name="request">How; its seed is set.</param>
    void Begin(object text, GenerationRequest request);

    /// <summary>Its next token has been handed to its stream.</summary>
    /// <param name="text">The text.</param>
    /// <param name="token">The token.</param>
    /// <param name="taken">Of the stream's events so many have been taken by the reader.</param>
    void Append(object text, int token, long taken);

    /// <summary>It has ended, in whatever way.</summary>
    void End(object text);
}
