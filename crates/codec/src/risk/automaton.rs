//! The places of an expression, which can follow which, and in how many ways.

use std::collections::HashMap;

use super::Span;
use super::tree::{Characters, Node};

/// Places of an expression that is judged; larger ones are not.
const MAX_PLACES: usize = 4000;
/// Places of one loop that is judged; pairs of them are followed.
const MAX_LOOP: usize = 200;
/// Repetitions with a bound that are laid out one by one; more count as without bound.
const MAX_COPIES: u32 = 8;

/// A position automaton: each place takes one character, and another place follows.
pub(super) struct Automaton {
    places: Vec<Characters>,
    /// Where a place stands: the repetitions around it, outermost first.
    loops: Vec<Vec<Span>>,
    follow: Vec<Vec<usize>>,
    /// Edges that can be taken in more than one way, with the repetition that made the second.
    doubled: HashMap<(usize, usize), Span>,
    /// Whether the expression can end behind a place.
    ends: Vec<bool>,
}

/// The places with which a part can begin and end, and whether it can be empty.
struct Part {
    first: Vec<usize>,
    last: Vec<usize>,
    nullable: bool,
}

/// Whether a part can take nothing.
pub(super) fn is_nullable(node: &Node) -> bool {
    match node {
        Node::One(_) => false,
        Node::Sequence(parts) => parts.iter().all(is_nullable),
        Node::Choice(parts) => parts.iter().any(is_nullable),
        Node::Repeat { node, least, .. } => *least == 0 || is_nullable(node),
    }
}

impl Automaton {
    /// Lays an expression out; `None` if it is too large.
    pub(super) fn new(tree: &Node) -> Option<Automaton> {
        let mut automaton = Automaton {
            places: Vec::new(),
            loops: Vec::new(),
            follow: Vec::new(),
            doubled: HashMap::new(),
            ends: Vec::new(),
        };
        let whole = automaton.lay_out(tree, &mut Vec::new())?;
        automaton.ends = vec![false; automaton.places.len()];
        for place in whole.last {
            if let Some(end) = automaton.ends.get_mut(place) {
                *end = true;
            }
        }
        Some(automaton)
    }

    fn lay_out(&mut self, node: &Node, around: &mut Vec<Span>) -> Option<Part> {
        match node {
            Node::One(set) => {
                let place = self.places.len();
                if place >= MAX_PLACES {
                    return None;
                }
                self.places.push(*set);
                self.loops.push(around.clone());
                self.follow.push(Vec::new());
                Some(Part {
                    first: vec![place],
                    last: vec![place],
                    nullable: false,
                })
            }
            Node::Sequence(parts) => {
                let mut whole = Part {
                    first: Vec::new(),
                    last: Vec::new(),
                    nullable: true,
                };
                for part in parts {
                    let part = self.lay_out(part, around)?;
                    self.append(&mut whole, part);
                }
                Some(whole)
            }
            Node::Choice(parts) => {
                let mut whole = Part {
                    first: Vec::new(),
                    last: Vec::new(),
                    nullable: false,
                };
                for part in parts {
                    let part = self.lay_out(part, around)?;
                    whole.first.extend(part.first);
                    whole.last.extend(part.last);
                    whole.nullable |= part.nullable;
                }
                Some(whole)
            }
            Node::Repeat {
                node,
                least,
                most,
                span,
            } => self.lay_out_repeat(node, (*least, *most), *span, around),
        }
    }

    fn lay_out_repeat(
        &mut self,
        node: &Node,
        (least, most): (u32, Option<u32>),
        span: Span,
        around: &mut Vec<Span>,
    ) -> Option<Part> {
        match most {
            Some(most) if most <= MAX_COPIES => {
                let mut whole = Part {
                    first: Vec::new(),
                    last: Vec::new(),
                    nullable: true,
                };
                for copy in 0..most {
                    let mut part = self.lay_out(node, around)?;
                    part.nullable |= copy >= least;
                    self.append(&mut whole, part);
                }
                Some(whole)
            }
            _ => {
                around.push(span);
                let part = self.lay_out(node, around);
                around.pop();
                let mut part = part?;
                for last in part.last.clone() {
                    for first in part.first.clone() {
                        self.connect(last, first, span);
                    }
                }
                part.nullable |= least == 0;
                Some(part)
            }
        }
    }

    /// Puts a part behind what there is.
    fn append(&mut self, whole: &mut Part, part: Part) {
        for last in &whole.last {
            for first in &part.first {
                self.connect(*last, *first, (0, 0));
            }
        }
        if whole.nullable {
            whole.first.extend(&part.first);
        }
        if part.nullable {
            whole.last.extend(part.last);
        } else {
            whole.last = part.last;
        }
        whole.nullable &= part.nullable;
    }

    fn connect(&mut self, from: usize, to: usize, by: Span) {
        let Some(follow) = self.follow.get_mut(from) else {
            return;
        };
        if follow.contains(&to) {
            self.doubled.insert((from, to), by);
        } else {
            follow.push(to);
        }
    }

    /// The repetitions whose cost can double with every character.
    pub(super) fn explosive(&self) -> Vec<Span> {
        let mut found = Vec::new();
        for group in strongly_connected(self.places.len(), |place| self.follow[place].clone()) {
            let is_loop = group.len() > 1
                || group
                    .iter()
                    .any(|place| self.follow[*place].contains(place));
            if is_loop
                && group.len() <= MAX_LOOP
                && self.can_fail_after(&group)
                && let Some(span) = self.explosive_part(&group)
                && !found.contains(&span)
            {
                found.push(span);
            }
        }
        found
    }

    /// The repetition of a loop that a text can go round in two ways.
    fn explosive_part(&self, group: &[usize]) -> Option<Span> {
        let inside = |place: usize| group.contains(&place);
        let doubled = self
            .doubled
            .iter()
            .filter(|((from, to), _)| inside(*from) && inside(*to) && self.takes(*to))
            .map(|(_, span)| *span)
            .filter(|span| *span != (0, 0))
            .min();
        if doubled.is_some() {
            return doubled;
        }
        // Two walks over the loop that take the same characters, as pairs of places.
        let count = group.len();
        let next = |pair: usize| {
            let (left, right) = (group[pair / count], group[pair % count]);
            let mut pairs = Vec::new();
            for to_left in self.follow[left].iter().filter(|place| inside(**place)) {
                for to_right in self.follow[right].iter().filter(|place| inside(**place)) {
                    if self.places[*to_left].meets(self.places[*to_right]) {
                        let at = |place: &usize| group.iter().position(|known| known == place);
                        if let (Some(left), Some(right)) = (at(to_left), at(to_right)) {
                            pairs.push(left * count + right);
                        }
                    }
                }
            }
            pairs
        };
        let parted = strongly_connected(count * count, next)
            .into_iter()
            .any(|pairs| {
                let is_same = |pair: &usize| pair / count == pair % count;
                pairs.iter().any(is_same) && !pairs.iter().all(is_same)
            });
        parted.then(|| self.innermost(group))
    }

    fn takes(&self, place: usize) -> bool {
        self.places[place] != Characters::NONE
    }

    /// The innermost repetition that holds all places of a loop.
    fn innermost(&self, group: &[usize]) -> Span {
        let mut common: Option<Vec<Span>> = None;
        for place in group {
            let around = &self.loops[*place];
            common = Some(match common {
                None => around.clone(),
                Some(known) => known
                    .into_iter()
                    .filter(|span| around.contains(span))
                    .collect(),
            });
        }
        common
            .and_then(|spans| spans.last().copied())
            .unwrap_or((0, 0))
    }

    /// Whether something must follow a loop, so that the match can fail behind it.
    fn can_fail_after(&self, group: &[usize]) -> bool {
        !group.iter().any(|place| self.ends[*place])
    }

    /// Whether the match can fail behind a repetition.
    pub(super) fn can_fail_behind(&self, span: Span) -> bool {
        let inside = self
            .loops
            .iter()
            .enumerate()
            .filter(|(_, around)| around.contains(&span));
        let places: Vec<usize> = inside.map(|(place, _)| place).collect();
        self.can_fail_after(&places)
    }
}

/// The groups of nodes that can all reach each other (Tarjan's algorithm, without recursion).
fn strongly_connected(count: usize, next: impl Fn(usize) -> Vec<usize>) -> Vec<Vec<usize>> {
    const UNSEEN: usize = usize::MAX;
    let mut index = vec![UNSEEN; count];
    let mut low = vec![0; count];
    let mut on_stack = vec![false; count];
    let (mut stack, mut groups, mut counter) = (Vec::new(), Vec::new(), 0);
    for root in 0..count {
        if index[root] != UNSEEN {
            continue;
        }
        let mut work = vec![(root, next(root), 0)];
        (index[root], low[root]) = (counter, counter);
        counter += 1;
        stack.push(root);
        on_stack[root] = true;
        while let Some((node, edges, at)) = work.last_mut() {
            let node = *node;
            if let Some(&to) = edges.get(*at) {
                *at += 1;
                if index[to] == UNSEEN {
                    (index[to], low[to]) = (counter, counter);
                    counter += 1;
                    stack.push(to);
                    on_stack[to] = true;
                    work.push((to, next(to), 0));
                } else if on_stack[to] {
                    low[node] = low[node].min(index[to]);
                }
                continue;
            }
            work.pop();
            if let Some((parent, _, _)) = work.last() {
                low[*parent] = low[*parent].min(low[node]);
            }
            if low[node] == index[node] {
                let mut group = Vec::new();
                while let Some(member) = stack.pop() {
                    on_stack[member] = false;
                    group.push(member);
                    if member == node {
                        break;
                    }
                }
                groups.push(group);
            }
        }
    }
    groups
}
