%% What `rbee bench link --peers` compares with: one process that tells another on a second node, over Erlang's own
%% distribution. Nothing is numbered, acknowledged or kept there: a message may be lost with its connection.
-module(link_bench).
-export([far/0, near/1]).

far() ->
    register(counter, self()),
    io:format("up~n"),
    serve().

serve() ->
    receive
        {go, From, Count} ->
            count(Count),
            From ! done,
            serve()
    end.

count(0) -> ok;
count(Count) -> receive {count, _, _, _} -> count(Count - 1) end.

%% Prints messages a second, from the first one told to the news that the last one was counted.
near(Count) ->
    Far = 'far@127.0.0.1',
    true = net_kernel:connect_node(Far),
    To = {counter, Far},
    To ! {go, self(), Count},
    Started = erlang:monotonic_time(microsecond),
    tell(To, Count),
    receive done -> ok end,
    io:format("~w~n", [Count * 1000000 div (erlang:monotonic_time(microsecond) - Started)]),
    halt().

tell(_, 0) -> ok;
tell(To, Count) ->
    Note = <<"what a message says besides: a name, a number">>,
    To ! {count, Count, erlang:monotonic_time(microsecond), Note},
    tell(To, Count - 1).
